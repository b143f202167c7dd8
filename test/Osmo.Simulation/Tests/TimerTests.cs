using Osmo.Simulation.Timers;

namespace Osmo.Simulation.Tests;

/// <summary>Deadlines that wait in rows; the command <c>timers</c> runs a hundred thousand of them.</summary>
public sealed class TimerTests
{
    private const int Deadlines = 1000;

    [Fact]
    public void Deadlines_AcrossARestart_AllFireWithinASecond()
    {
        var result = new TimerRun(Deadlines).Run();

        Assert.Equal((Deadlines, 0), (result.Fired, result.Early));
        Assert.InRange(result.Latest, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }
}
