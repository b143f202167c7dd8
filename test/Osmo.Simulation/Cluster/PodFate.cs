using Osmo.Simulation.Faults;

namespace Osmo.Simulation.Cluster;

/// <summary>How far a pod comes.</summary>
internal enum PodStage
{
    /// <summary>Until it is placed on a node.</summary>
    Queue = 1,

    /// <summary>Images and inputs.</summary>
    Start,

    Run,
}

/// <summary>What will happen to a pod unless somebody deletes it, drawn when it is created.</summary>
/// <param name="Ends">The stage in which it ends; earlier ones pass.</param>
/// <param name="Status">The status that the operator reports then; null: it stays in that stage for ever.</param>
/// <param name="Vanishes">Its node is lost then.</param>
internal sealed record PodFate(TimeSpan Queue, TimeSpan Start, TimeSpan Run, PodStage Ends, string? Status, int? ExitCode, bool Vanishes = false)
{
    private static readonly IReadOnlyList<(PodStage Ends, string? Status, int? ExitCode)> BadEnds =
    [
        (PodStage.Queue, null, null),
        (PodStage.Queue, "FAILED_BACKEND_ERROR", 3001),
        (PodStage.Start, null, null),
        (PodStage.Start, "FAILED_IMAGE_PULL", 301),
        (PodStage.Start, "FAILED_START_ERROR", 3003),
        (PodStage.Start, "FAILED", 1001),
        (PodStage.Start, "FAILED", 256),
        (PodStage.Run, null, null),
        (PodStage.Run, "FAILED", 1),
        (PodStage.Run, "FAILED", 12),
        (PodStage.Run, "FAILED", 25),
        (PodStage.Run, "FAILED", 35),
        (PodStage.Run, "FAILED", 35),
        (PodStage.Run, "FAILED", 137),
        (PodStage.Run, "FAILED", 2012),
        (PodStage.Run, "FAILED_EVICTED", 3004),
        (PodStage.Run, "FAILED_PREEMPTED", 3006),
        (PodStage.Run, "FAILED_BACKEND_ERROR", 3001),
        (PodStage.Run, "FAILED_SERVER_ERROR", 3002),
        (PodStage.Run, "FAILED_CANCELED", null),
    ];

    public static PodFate Draw(FaultRates rates, Dice dice)
    {
        var slow = dice.Once(rates.BadFate);
        var fate = new PodFate(
            dice.Seconds(0, slow ? 40 : 3), dice.Seconds(0, slow ? 40 : 3), dice.Seconds(0, slow ? 60 : 20), PodStage.Run, "COMPLETED", 0, dice.Once(rates.NodeVanishes));
        if (!dice.Once(rates.BadFate)) return fate;

        var (ends, status, exitCode) = dice.Of(BadEnds);
        return fate with { Ends = ends, Status = status, ExitCode = exitCode };
    }
}
