using Osmo.Simulation.Faults;
using Osmo.Simulation.Running;
using Osmo.Simulation.Storage;

namespace Osmo.Simulation.Tests;

/// <summary>A few seeds of what the command runs by the thousand.</summary>
public sealed class SimulationTests
{
    /// <summary>More when coverage is measured (coverage.runsettings).</summary>
    private static readonly int Seeds = int.Parse(Environment.GetEnvironmentVariable("OSMO_SIMULATION_SEEDS") ?? "8");

    [Theory]
    [InlineData("none")]
    [InlineData("crash,storage")]
    [InlineData("all")]
    public void Seeds_WithFaults_BreakNoInvariant(string faults)
    {
        var result = new SeedRange(1, Seeds, FaultSet.Parse(faults)) { Threads = 2 }.Run();

        Assert.Empty(result.Failures.SelectMany(failure => failure.Violations.Select(violation => $"seed {failure.Seed}: {violation}")));
        Assert.Equal(Seeds, result.Seeds);
    }

    [Fact]
    public void Seed_RunAgain_IsTheSameRun()
    {
        using var disk = new Disk();
        var first = SeedRange.RunOne(7, FaultSet.All, disk);
        var again = SeedRange.RunOne(7, FaultSet.All, disk);

        Assert.Equal((first.TraceHash, first.Steps, first.Crashes, first.Lives), (again.TraceHash, again.Steps, again.Crashes, again.Lives));
    }

    [Fact]
    public void Faults_OfUnknownKind_AreRefusedWithTheAllowedOnes() =>
        Assert.Contains("storage", Assert.Throws<ArgumentException>(() => FaultSet.Parse("crash,gremlins")).Message);
}
