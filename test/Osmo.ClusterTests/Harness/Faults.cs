using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>What may happen to a process.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL: it is gone between two instructions.</summary>
    Kill = 1,

    /// <summary>SIGTERM: it is told to stop, as in an upgrade.</summary>
    Drain,

    /// <summary>SIGSTOP for a while: it hangs, and does not know it. Others may give it up; then it must not harm them when it goes on.</summary>
    Hang,
}

/// <summary>One thing that happens to one process.</summary>
/// <param name="After">Since the one before.</param>
/// <param name="Number">Of the process, among those of its kind.</param>
/// <param name="For">How long it hangs.</param>
internal sealed record Fault(TimeSpan After, FaultKind Kind, MemberKind Of, int Number, TimeSpan For)
{
    public override string ToString() =>
        $"{Kind.ToString().ToLowerInvariant()} {Of.ToString().ToLowerInvariant()} {Number}{(Kind == FaultKind.Hang ? $" for {For.TotalSeconds:0} s" : "")}";
}

/// <summary>The faults of a seed, one after the other, without end.</summary>
internal static class FaultScript
{
    private const int HangSecondsMin = 2;

    /// <summary>Longer than others wait before they give it up.</summary>
    private const int HangSecondsMax = 15;

    public static IEnumerable<Fault> Of(HarnessOptions options)
    {
        var random = new Random(options.Seed);
        while (true)
        {
            // Half of the faults are of silos: whose death costs most.
            var of = random.Next(4) switch { 0 => MemberKind.Gateway, 1 when options.Operators > 0 => MemberKind.Operator, _ => MemberKind.Silo };
            var count = of switch { MemberKind.Gateway => options.Gateways, MemberKind.Operator => options.Operators, _ => options.Silos };
            yield return new Fault(
                options.Period * (0.5 + random.NextDouble()),
                (FaultKind)random.Next((int)FaultKind.Kill, (int)FaultKind.Hang + 1),
                of,
                random.Next(count) + 1,
                TimeSpan.FromSeconds(random.Next(HangSecondsMin, HangSecondsMax + 1)));
        }
    }

    public static Member Victim(Fault fault, Cluster cluster) =>
        (fault.Of switch { MemberKind.Gateway => cluster.Gateways, MemberKind.Operator => cluster.Operators, _ => cluster.Silos })[fault.Number - 1];

    /// <summary>Lets it happen. Returns when the process runs again, though it need not be ready.</summary>
    public static async Task Strike(Fault fault, Member member)
    {
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                member.Signal(Member.Kill);
                await member.End();
                break;
            case FaultKind.Drain:
                member.Signal(Member.Terminate);
                await member.End();
                break;
            case FaultKind.Hang:
                member.Signal(Member.Stop);
                using (var hanging = new PeriodicTimer(fault.For))
                {
                    await hanging.WaitForNextTickAsync();
                }

                member.Signal(Member.Continue);
                return;
        }

        member.Start();
    }
}
