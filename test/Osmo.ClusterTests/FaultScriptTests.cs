using Osmo.ClusterTests.Harness;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests;

/// <summary>What happens to the processes of a run follows from its seed, and is what was asked for.</summary>
public sealed class FaultScriptTests
{
    private const int Faults = 500;

    [Fact]
    public void Of_SameSeed_SameFaults() => Assert.Equal(Script("--seed", "7"), Script("--seed", "7"));

    [Fact]
    public void Of_OtherSeed_OtherFaults() => Assert.NotEqual(Script("--seed", "7"), Script("--seed", "8"));

    [Fact]
    public void Of_AllKinds_EachHappens() => Assert.Equal(Enum.GetValues<FaultKind>(), Script().Select(fault => fault.Kind).Distinct().Order());

    [Fact]
    public void Of_SomeKinds_NoOthers() => Assert.Equal([FaultKind.Kill, FaultKind.Drain], Script("--kinds", "drain,kill").Select(fault => fault.Kind).Distinct().Order());

    [Fact]
    public void Of_Partitions_FiveToTwentySecondsFromWhomTheyNeed()
    {
        var script = Script("--kinds", "partition");
        Assert.All(script, fault => Assert.InRange(fault.For, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20)));
        Assert.Equal(
            [(MemberKind.Silo, Peer.Silo), (MemberKind.Silo, Peer.Database), (MemberKind.Gateway, Peer.Silos), (MemberKind.Operator, Peer.Gateways)],
            script.Select(fault => (fault.Of, fault.From!.Value)).Distinct().Order());
    }

    [Fact]
    public void Of_OneSilo_IsNotCutOffFromItself() =>
        Assert.DoesNotContain(Peer.Silo, Script("--kinds", "partition", "--silos", "1").Select(fault => fault.From!.Value));

    [Theory]
    [InlineData("--kinds", "burn", "--kinds has 'burn'")]
    [InlineData("--kinds", "", "--kinds has ''")]
    [InlineData("--silos", "0", "--silos is '0'")]
    [InlineData("--colour", "red", "--colour is unknown")]
    public void Parse_Wrong_SaysWhat(string name, string value, string complaint) =>
        Assert.Contains(complaint, Assert.Throws<FormatException>(() => HarnessOptions.Parse([name, value])).Message, StringComparison.Ordinal);

    private static List<Fault> Script(params string[] arguments) => [.. FaultScript.Of(HarnessOptions.Parse(arguments)).Take(Faults)];
}
