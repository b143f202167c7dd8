using System.Diagnostics;

namespace Osmo.Bench.Load;

/// <summary>Callers that each wait for their own call before the next.</summary>
internal static class ClosedLoop
{
    private const int WarmUpCallers = 16;

    private static readonly TimeSpan WarmUpLimit = TimeSpan.FromSeconds(15);

    /// <summary>Calls that are not counted, so many that the runtime has compiled and optimized what they use.</summary>
    public static Task WarmUp(int calls, Func<int, Task> call)
    {
        var watch = Stopwatch.StartNew();
        return Parallel.ForAsync(0, calls, new ParallelOptions { MaxDegreeOfParallelism = WarmUpCallers }, async (n, _) =>
        {
            if (watch.Elapsed < WarmUpLimit) await call(n);
        });
    }

    public static async Task<Measured> Run(int callers, TimeSpan duration, Func<int, Task> call)
    {
        var latencies = new Latencies();
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            while (watch.Elapsed < duration)
            {
                var started = Stopwatch.GetTimestamp();
                await call(caller);
                latencies.Add(Stopwatch.GetElapsedTime(started));
            }
        })));
        return new(latencies.Count / watch.Elapsed.TotalSeconds, latencies.Percentile(0.5), latencies.Percentile(0.99), latencies.Count);
    }
}

/// <summary>Calls per second and milliseconds of one.</summary>
/// <param name="ServerCpu">Milliseconds of processor that the server used for each, database not counted; null when it is not about the server.</param>
internal sealed record Measured(double PerSecond, double P50, double P99, int Calls, double? ServerCpu = null);
