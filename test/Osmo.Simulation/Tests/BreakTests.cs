using Osmo.Simulation.Breaks;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Running;

namespace Osmo.Simulation.Tests;

/// <summary>The simulation finds what is broken on purpose.</summary>
public sealed class BreakTests
{
    private const int SeedsMax = 2000;

    private const int SeedsAtOnce = 4;

    [Theory]
    [InlineData("drop-outbox-entry", "I2")]
    [InlineData("ack-before-write", "I1")]
    [InlineData("skip-dependency", "I5")]
    [InlineData("double-count-quota", "I10")]
    [InlineData("forget-timer", "I2")]
    public void Break_OfOneThing_IsFoundByItsInvariant(string name, string invariant)
    {
        var found = 0;
        for (var first = 1; found == 0 && first <= SeedsMax; first += SeedsAtOnce)
        {
            var result = new SeedRange(first, SeedsAtOnce, FaultSet.All, AllBreaks.Find(name)) { Threads = 2 }.Run();
            found += result.Failures.Count(failure => failure.Violations.Any(violation => violation.Invariant == invariant));
        }

        Assert.True(found > 0, $"{invariant} was not broken by {name} in {SeedsMax} seeds.");
    }
}
