using Orleans.Concurrency;
using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Conformance;

/// <summary>A failure of the tests' own domain.</summary>
[GenerateSerializer, Alias("osmo.test.QuotaException")]
public sealed class QuotaException(string message, int limit) : Exception(message)
{
    [Id(0)]
    public int Limit { get; } = limit;
}

[Alias("osmo.test.IFailingGrain")]
public interface IFailingGrain : IGrainWithStringKey
{
    [Alias("Throw")]
    Task Throw(string how);

    [Alias("ThrowResult")]
    ValueTask<int> ThrowResult(string how);

    [Alias("PassOn")]
    Task PassOn(string how);

    [Alias("Calls")]
    Task<int> Calls();

    [Alias("Forget"), OneWay]
    Task Forget();

    [Alias("Slow"), ResponseTimeout("00:00:01")]
    Task<int> Slow();
}

public sealed class FailingGrain(Probe probe) : Grain, IFailingGrain
{
    private int _calls;

    public Task Throw(string how)
    {
        _calls++;
        return how switch
        {
            "at once" => throw new InvalidOperationException("At once."),
            "late" => Late(),
            "own" => throw new QuotaException("Too many.", 7),
            "cancelled" => throw new OperationCanceledException("Given up."),
            _ => Task.FromException(new ArgumentException("As a task.", nameof(how))),
        };

        static async Task Late()
        {
            await Task.Yield();
            throw new TimeoutException("Late.");
        }
    }

    public async ValueTask<int> ThrowResult(string how)
    {
        await Throw(how);
        return 1;
    }

    public Task PassOn(string how) => GrainFactory.GetGrain<IFailingGrain>(this.GetPrimaryKeyString() + ".inner").Throw(how);

    public Task<int> Calls() => Task.FromResult(_calls);

    public async Task Forget()
    {
        var key = this.GetPrimaryKeyString();
        await probe.Gate(key);
        probe.Tell(key, "done");
        throw new InvalidOperationException("Nobody hears this.");
    }

    public async Task<int> Slow()
    {
        await probe.Gate(this.GetPrimaryKeyString());
        return ++_calls;
    }
}

public sealed class FailureTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Theory]
    [InlineData("at once", typeof(InvalidOperationException), "At once.")]
    [InlineData("late", typeof(TimeoutException), "Late.")]
    [InlineData("task", typeof(ArgumentException), "As a task. (Parameter 'how')")]
    [InlineData("own", typeof(QuotaException), "Too many.")]
    public async Task Call_ThatThrows_ThrowsTheSameForItsCaller(string how, Type type, string message)
    {
        var grain = Grain<IFailingGrain>(out _);

        foreach (var call in new Func<Task>[] { () => grain.Throw(how), () => grain.ThrowResult(how).AsTask(), () => grain.PassOn(how) })
        {
            var exception = await Assert.ThrowsAsync(type, () => Soon(call()));
            Assert.Equal(message, exception.Message);
            Assert.Equal(7, (exception as QuotaException)?.Limit ?? 7);
        }

        Assert.Equal(2, await grain.Calls()); // it lives on
    }

    [Fact]
    public async Task Call_ThatIsCancelledByTheGrain_IsCancelledForItsCaller() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(Grain<IFailingGrain>(out _).Throw("cancelled")));

    [Fact]
    public async Task OneWayCall_ThatRunsAndFails_ReturnsBeforeAndTellsNobody()
    {
        var grain = Grain<IFailingGrain>(out var key);

        await Soon(grain.Forget());
        Assert.Empty(Probe.Told(key));
        Probe.Open(key);

        await Probe.Hear(key, "done");
        Assert.Equal(0, await Soon(grain.Calls()));
    }

    [Fact]
    public async Task Call_BeyondItsResponseTimeout_FailsButGoesOn()
    {
        var grain = Grain<IFailingGrain>(out var key);

        await Assert.ThrowsAsync<TimeoutException>(() => Soon(grain.Slow()));
        Probe.Open(key);

        Assert.Equal(1, await Soon(grain.Calls())); // it ended after all, and only then the next call ran
    }
}
