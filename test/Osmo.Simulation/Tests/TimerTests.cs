using Osmo.Simulation.Timers;

namespace Osmo.Simulation.Tests;

/// <summary>Deadlines that wait in rows; the command <c>timers</c> runs a hundred thousand of them.</summary>
public sealed class TimerTests
{
    private const int Deadlines = 1000;

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public void Deadlines_AcrossARestart_AllFireWithinASecond_HoweverManyArchivesHang(int archives)
    {
        var result = new TimerRun(Deadlines, archives).Run();

        Assert.Equal((Deadlines, 0), (result.Fired, result.Early));
        Assert.InRange(result.Latest, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }
}
