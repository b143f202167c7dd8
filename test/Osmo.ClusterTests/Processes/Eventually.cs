using System.Diagnostics;

namespace Osmo.ClusterTests.Processes;

/// <summary>For what another process does and nobody announces: looks again and again, within a limit.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    public static async Task Holds(Func<Task<bool>> condition, Func<string> otherwise, TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Period);
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"After {limit.TotalSeconds} s: {otherwise()}");
            }

            await timer.WaitForNextTickAsync();
        }
    }
}
