using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Conformance;

[Alias("osmo.test.IFilteredGrain")]
public interface IFilteredGrain : IGrainWithStringKey
{
    [Alias("Double")]
    Task<int> Double(int number);

    [Alias("Greet")]
    Task Greet(string name);

    [Alias("Forbidden")]
    Task<int> Forbidden(int number);
}

public sealed class FilteredGrain(Probe probe) : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public Task<int> Double(int number) => Task.FromResult(2 * number);

    public Task Greet(string name) => Task.CompletedTask;

    public Task<int> Forbidden(int number) => Task.FromResult(number);

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        probe.Tell(this.GetPrimaryKeyString(), $"grain sees {context.MethodName}");
        await context.Invoke();
        if (context.Result is int number) context.Result = number + 100;
    }
}

public sealed class FilterTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Fact]
    public async Task Filters_OfSiloAndGrain_RunInOrderAndMayReplaceTheResult()
    {
        var grain = Grain<IFilteredGrain>(out var key);

        Assert.Equal(1106, await Soon(grain.Double(3)));

        Assert.Equal(["before Double(3)", "grain sees Double", "after FilteredGrain: 106"], Probe.Told(key));
    }

    [Fact]
    public async Task Filters_OfACallWithoutResult_SeeNone()
    {
        var grain = Grain<IFilteredGrain>(out var key);

        await Soon(grain.Greet("you"));

        Assert.Equal(["before Greet(you)", "grain sees Greet", "after FilteredGrain: "], Probe.Told(key));
    }

    [Fact]
    public async Task Filter_ThatThrows_KeepsTheCallFromTheGrain()
    {
        var grain = Grain<IFilteredGrain>(out var key);

        await Assert.ThrowsAsync<UnauthorizedAccessException>(() => Soon(grain.Forbidden(1)));

        Assert.Equal(["before Forbidden(1)"], Probe.Told(key));
    }
}
