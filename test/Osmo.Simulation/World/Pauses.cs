using Osmo.Embedded.Simulation;
using Osmo.Simulation.Faults;

namespace Osmo.Simulation.World;

internal static class Pauses
{
    private static readonly TimeSpan RetryPauseMax = TimeSpan.FromSeconds(3);

    /// <summary>Virtual time passes for code of this process.</summary>
    public static async Task Pause(this SimulatedProcess process, TimeSpan length)
    {
        var time = process.Time;
        await Task.Delay(length, time);
    }

    /// <summary>Before the same is tried again.</summary>
    public static Task PauseToRetry(this SimulatedProcess process, Dice dice) =>
        process.Pause(dice.Between(TimeSpan.FromMilliseconds(100), RetryPauseMax));
}
