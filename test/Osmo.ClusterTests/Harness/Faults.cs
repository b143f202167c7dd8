using System.Collections.Immutable;
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

    /// <summary>
    /// Nothing that it sends to some of the others arrives, and nothing of theirs at it: a silo is cut off from another or from the database, a gateway from all silos, an operator from the gateways.
    /// Nobody is told; connections that there were stay, silent.
    /// </summary>
    Partition,
}

/// <summary>From what a process is cut off.</summary>
internal enum Peer
{
    /// <summary>The silo after it.</summary>
    Silo = 1,
    Database,
    Silos,
    Gateways,
}

/// <summary>One thing that happens to one process.</summary>
/// <param name="After">Since the one before.</param>
/// <param name="Number">Of the process, among those of its kind.</param>
/// <param name="For">How long it hangs or is cut off; none for others.</param>
/// <param name="From">What it is cut off from; null for others.</param>
internal sealed record Fault(TimeSpan After, FaultKind Kind, MemberKind Of, int Number, TimeSpan For = default, Peer? From = null)
{
    /// <summary>TCP repeats what was not acknowledged at distances that double: after a cut of this length, up to 13 s after its end. Whoever works on then needs a little time, too.</summary>
    private static readonly TimeSpan Repetition = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than after other faults work may wait. Who is cut off is not given up, so it may wait for the end.</summary>
    public TimeSpan Patience => Kind == FaultKind.Partition ? For + Repetition : TimeSpan.Zero;

    /// <summary>Faults that should cost the same.</summary>
    public string Sort => $"{Kind} {Of}{(From is null ? "" : $" from {From}")}".ToLowerInvariant();

    public override string ToString() => $"{Kind} {Of} {Number}{(From is null ? "" : $" from {From}")}{(For == default ? "" : $" for {For.TotalSeconds:0} s")}".ToLowerInvariant();
}

/// <summary>The faults of a seed, one after the other, without end.</summary>
internal static class FaultScript
{
    private const int HangSecondsMin = 2;

    /// <summary>Longer than others wait before they give it up.</summary>
    private const int HangSecondsMax = 15;

    private const int PartitionSecondsMin = 5, PartitionSecondsMax = 20;

    public static IEnumerable<Fault> Of(HarnessOptions options)
    {
        var random = new Random(options.Seed);
        while (true)
        {
            // Half of the faults are of silos: whose death costs most.
            var of = random.Next(4) switch { 0 => MemberKind.Gateway, 1 when options.Operators > 0 => MemberKind.Operator, _ => MemberKind.Silo };
            var count = of switch { MemberKind.Gateway => options.Gateways, MemberKind.Operator => options.Operators, _ => options.Silos };
            var fault = new Fault(options.Period * (0.5 + random.NextDouble()), options.Kinds[random.Next(options.Kinds.Length)], of, random.Next(count) + 1);
            yield return fault.Kind switch
            {
                FaultKind.Hang => fault with { For = TimeSpan.FromSeconds(random.Next(HangSecondsMin, HangSecondsMax + 1)) },
                FaultKind.Partition => fault with { For = TimeSpan.FromSeconds(random.Next(PartitionSecondsMin, PartitionSecondsMax + 1)), From = PeerOf(of, options, random) },
                _ => fault,
            };
        }
    }

    public static Member Victim(Fault fault, Cluster cluster) =>
        MembersOf(fault.Of, cluster)[fault.Number - 1];

    private static IReadOnlyList<Member> MembersOf(MemberKind kind, Cluster cluster) =>
        kind switch { MemberKind.Gateway => cluster.Gateways, MemberKind.Operator => cluster.Operators, _ => cluster.Silos };

    private static Peer PeerOf(MemberKind kind, HarnessOptions options, Random random) => kind switch
    {
        MemberKind.Gateway => Peer.Silos,
        MemberKind.Operator => Peer.Gateways,
        _ => options.Silos > 1 && random.Next(2) == 0 ? Peer.Silo : Peer.Database,
    };

    private static ImmutableArray<Place> PlacesOf(Fault fault, Cluster cluster) => fault.From switch
    {
        Peer.Silo => [cluster.Silos[fault.Number % cluster.Silos.Count].Place],
        Peer.Database => [cluster.Network.Database],
        Peer.Silos => [.. cluster.Silos.Select(silo => silo.Place)],
        Peer.Gateways => [cluster.Network.Front],
        _ => [],
    };

    /// <summary>Lets it happen. Returns when the process runs again, or is reached again, though it need not be ready.</summary>
    public static async Task Strike(Fault fault, Cluster cluster)
    {
        var member = Victim(fault, cluster);
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
                await Wait(fault.For);
                member.Signal(Member.Continue);
                return;
            case FaultKind.Partition:
                var others = PlacesOf(fault, cluster);
                await Task.WhenAll(others.Select(other => cluster.Network.Cut(member.Place, other)));
                await Wait(fault.For);
                await Task.WhenAll(others.Select(other => cluster.Network.Heal(member.Place, other)));
                return;
        }

        member.Start();
    }

    private static async Task Wait(TimeSpan time)
    {
        using var clock = new PeriodicTimer(time);
        await clock.WaitForNextTickAsync();
    }
}
