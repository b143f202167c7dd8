using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Conformance;

[Alias("osmo.test.ICancelGrain")]
public interface ICancelGrain : IGrainWithStringKey
{
    [Alias("WaitFor")]
    Task<string> WaitFor(string name, CancellationToken cancellation);

    [Alias("CancelInner")]
    Task<string> CancelInner();

    [Alias("Ping"), Orleans.Concurrency.AlwaysInterleave]
    Task Ping();
}

public sealed class CancelGrain(Probe probe) : Grain, ICancelGrain
{
    public async Task<string> WaitFor(string name, CancellationToken cancellation)
    {
        var key = this.GetPrimaryKeyString();
        var scheduler = TaskScheduler.Current;
        probe.Tell(key, $"{name} begins");
        try
        {
            await probe.Gate($"{key} {name}").WaitAsync(cancellation);
            return "ended";
        }
        catch (OperationCanceledException)
        {
            probe.Tell(key, $"{name} cancelled, {(TaskScheduler.Current == scheduler ? "in a turn" : "elsewhere")}");
            throw;
        }
    }

    public async Task<string> CancelInner()
    {
        using var source = new CancellationTokenSource();
        var key = this.GetPrimaryKeyString() + ".inner";
        var call = GrainFactory.GetGrain<ICancelGrain>(key).WaitFor("inner", source.Token);
        await probe.Hear(key, "inner begins");
        await source.CancelAsync();
        try
        {
            return await call;
        }
        catch (OperationCanceledException)
        {
            return "cancelled";
        }
    }

    public Task Ping() => Task.CompletedTask;
}

public sealed class CancellationTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Fact]
    public async Task Token_Uncancelled_ChangesNothing()
    {
        var grain = Grain<ICancelGrain>(out var key);
        using var source = new CancellationTokenSource();
        Probe.Open($"{key} first");
        Probe.Open($"{key} second");

        Assert.Equal("ended", await Soon(grain.WaitFor("first", source.Token)));
        Assert.Equal("ended", await Soon(grain.WaitFor("second", CancellationToken.None)));
    }

    [Fact]
    public async Task Token_CancelledWhileTheCallRuns_CancelsItAndItsCaller()
    {
        var grain = Grain<ICancelGrain>(out var key);
        using var source = new CancellationTokenSource();
        var call = grain.WaitFor("it", source.Token);
        await Probe.Hear(key, "it begins");

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(call));
        await Probe.Hear(key, "it cancelled, in a turn");
        Probe.Open($"{key} next");
        Assert.Equal("ended", await Soon(grain.WaitFor("next", CancellationToken.None)));
    }

    [Fact]
    public async Task Token_CancelledWhileTheCallWaits_CancelsItsCaller()
    {
        var grain = Grain<ICancelGrain>(out var key);
        using var source = new CancellationTokenSource();
        var running = grain.WaitFor("running", CancellationToken.None);
        await Probe.Hear(key, "running begins");
        var waiting = grain.WaitFor("waiting", source.Token);
        await Soon(grain.Ping());

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(waiting));
        Probe.Open($"{key} running");
        Assert.Equal("ended", await Soon(running));
    }

    [Fact]
    public async Task Token_CancelledBefore_MakesNoCall()
    {
        var grain = Grain<ICancelGrain>(out var key);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Soon(grain.WaitFor("it", new CancellationToken(canceled: true))));

        await Soon(grain.Ping());
        Assert.Empty(Probe.Told(key));
    }

    [Fact]
    public async Task Token_OfAGrain_ReachesTheGrainItCalls() => Assert.Equal("cancelled", await Soon(Grain<ICancelGrain>(out _).CancelInner()));
}
