using System.Diagnostics;
using Orleans.Concurrency;

namespace Osmo.Bench.Engine;

[Alias("osmo.bench.IPingGrain")]
public interface IPingGrain : IGrainWithStringKey
{
    [Alias("Ping")]
    Task<int> Ping(int number);

    [Alias("PingWithToken"), AlwaysInterleave]
    Task<int> PingWithToken(int number, CancellationToken cancellation);

    /// <summary>Calls another grain so often, one call after the other.</summary>
    [Alias("CallOther"), ResponseTimeout("00:10:00")]
    Task<TimeSpan> CallOther(string other, int calls);
}

public sealed class PingGrain : Grain, IPingGrain
{
    public Task<int> Ping(int number) => Task.FromResult(number);

    public Task<int> PingWithToken(int number, CancellationToken cancellation) => Task.FromResult(number);

    public async Task<TimeSpan> CallOther(string other, int calls)
    {
        var grain = GrainFactory.GetGrain<IPingGrain>(other);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++) await grain.Ping(i);
        return Stopwatch.GetElapsedTime(start);
    }
}
