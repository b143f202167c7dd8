using System.Diagnostics;

namespace Osmo.EndToEnd.Tests;

/// <summary>For what nobody announces, such as the end of another program's process: looks again and again, within a limit.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    public static Task Holds(Func<bool> condition, Func<string> otherwise, TimeSpan limit) =>
        Holds(() => Task.FromResult(condition()), otherwise, limit);

    public static async Task Holds(Func<Task<bool>> condition, Func<string> otherwise, TimeSpan limit)
    {
        var elapsed = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Period);
        while (!await condition())
        {
            Assert.True(elapsed.Elapsed < limit, $"After {limit.TotalSeconds} s: {otherwise()}");
            await timer.WaitForNextTickAsync();
        }
    }
}
