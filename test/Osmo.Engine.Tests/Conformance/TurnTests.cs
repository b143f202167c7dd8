using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Conformance;

[Alias("osmo.test.ITurnGrain")]
public interface ITurnGrain : IGrainWithStringKey
{
    [Alias("Increment")]
    Task<int> Increment();

    [Alias("Append")]
    Task Append(int number);

    [Alias("Appended")]
    ValueTask<string> Appended();

    [Alias("CheckScheduler")]
    Task<bool> CheckScheduler();

    [Alias("CheckFanOut")]
    Task<int> CheckFanOut(int width);

    [Alias("Nothing")]
    ValueTask Nothing();
}

public sealed class TurnGrain : Grain, ITurnGrain
{
    private readonly List<int> _numbers = [];
    private int _count;
    private int _inside;

    public async Task<int> Increment()
    {
        if (Interlocked.Increment(ref _inside) != 1) throw new InvalidOperationException("Two turns at once.");
        var count = _count;
        Interlocked.Decrement(ref _inside);
        await Task.Yield();
        if (Interlocked.Increment(ref _inside) != 1) throw new InvalidOperationException("Two turns at once.");
        _count = count + 1;
        Interlocked.Decrement(ref _inside);
        return _count;
    }

    public async Task Append(int number)
    {
        if (number % 3 == 0) await Task.Yield();
        _numbers.Add(number);
    }

    public ValueTask<string> Appended() => new(string.Join(",", _numbers));

    public async Task<bool> CheckScheduler()
    {
        var scheduler = TaskScheduler.Current;
        if (scheduler == TaskScheduler.Default) return false;

        await Task.Yield();
        if (TaskScheduler.Current != scheduler) return false;

        await Task.Run(() => { });
        if (TaskScheduler.Current != scheduler) return false;

        var started = await Task.Factory.StartNew(() => TaskScheduler.Current);
        return started == scheduler;
    }

    public async Task<int> CheckFanOut(int width)
    {
        // Many continuations become ready at once, on many threads; they still run one at a time.
        var sum = 0;
        await Task.WhenAll(Enumerable.Range(0, width).Select(async _ =>
        {
            await Task.Run(() => { });
            var before = sum;
            for (var i = 0; i < 100; i++) sum++;
            if (sum != before + 100) throw new InvalidOperationException("Two turns at once.");
        }));
        return sum;
    }

    public ValueTask Nothing() => default;
}

public sealed class TurnTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Fact]
    public async Task Call_FromMany_RunsOneAtATime()
    {
        var grain = Grain<ITurnGrain>(out _);

        var results = await Soon(Task.WhenAll(Enumerable.Range(0, 300).Select(_ => Task.Run(grain.Increment))));

        Assert.Equal(Enumerable.Range(1, 300), results.Order());
    }

    [Fact]
    public async Task Call_AfterAnAwaitedOne_ComesAfterIt()
    {
        var grain = Grain<ITurnGrain>(out _);

        for (var i = 0; i < 50; i++) await Soon(grain.Append(i));

        Assert.Equal(string.Join(",", Enumerable.Range(0, 50)), await grain.Appended());
    }

    [Fact]
    public async Task Continuation_AfterAwait_StaysWithTheActivation() => Assert.True(await Soon(Grain<ITurnGrain>(out _).CheckScheduler()));

    [Fact]
    public async Task Continuation_ManyAtOnce_RunOneAtATime() => Assert.Equal(50_000, await Soon(Grain<ITurnGrain>(out _).CheckFanOut(500)));
}
