using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Runtime;
using Osmo.Embedded;
using Osmo.Embedded.Simulation;
using Osmo.Engine.Tests.Conformance;
using Osmo.Engine.Tests.Support;
using Osmo.Testing;

namespace Osmo.Engine.Tests.Embedded;

public interface INobodysGrain : IGrainWithStringKey;

public interface ITwiceGrain : IGrainWithStringKey;

public sealed class OnceGrain : Grain, ITwiceGrain;

public sealed class TwiceGrain : Grain, ITwiceGrain;

public interface IAwkwardGrain : IGrainWithStringKey
{
    int Count();
}

public sealed class AwkwardGrain : Grain, IAwkwardGrain
{
    public int Count() => 1;
}

public interface IImpatientGrain : IGrainWithStringKey
{
    [OneWay]
    Task<int> Count();
}

public sealed class ImpatientGrain : Grain, IImpatientGrain
{
    public Task<int> Count() => Task.FromResult(1);
}

internal interface IInternalGrain : IGrainWithStringKey
{
    Task<InternalAnswer> Ask(InternalAnswer question);
}

internal sealed record InternalAnswer(int Number);

internal sealed class InternalGrain : Grain, IInternalGrain
{
    public Task<InternalAnswer> Ask(InternalAnswer question) => Task.FromResult(question);
}

/// <summary>What the embedded engine refuses, and what it does beyond Orleans.</summary>
public sealed class EngineLimitsTests : IDisposable
{
    private readonly SimulatedScheduler _world = new(1);
    private readonly SimulatedSilo _silo;

    public EngineLimitsTests()
    {
        _silo = SimulatedSilo.Create(
            _world.NewProcess("silo"),
            options => options.AddGrains(typeof(HopGrain).Assembly).MaxWaitingCalls = 100,
            services => services.AddSingleton<Probe>());
        _world.RunUntilCompleted(_silo.Start());
    }

    public void Dispose() => _silo.Dispose();

    [Fact]
    public void GetGrain_WithoutAClass_NamesTheInterface() => Refused<INobodysGrain>("No grain class implements", nameof(INobodysGrain));

    [Fact]
    public void GetGrain_WithTwoClasses_NamesBoth() => Refused<ITwiceGrain>(nameof(OnceGrain), nameof(TwiceGrain));

    [Fact]
    public void GetGrain_OfAnInterfaceWithASynchronousMethod_NamesTheMethod() => Refused<IAwkwardGrain>("IAwkwardGrain.Count", "System.Int32");

    [Fact]
    public void GetGrain_OfAnInterfaceWithAOneWayResult_NamesTheMethod() => Refused<IImpatientGrain>("IImpatientGrain.Count", "[OneWay]");

    [Fact]
    public void GetGrain_OfAnInternalInterface_Works()
    {
        var question = new InternalAnswer(7);

        var answer = _world.RunUntilCompleted(_silo.Process.Start(() => _silo.Grains.GetGrain<IInternalGrain>("x").Ask(question)));

        Assert.Same(question, answer); // handed over, not copied
    }

    [Fact]
    public void GetGrain_Twice_GivesEqualReferences()
    {
        Assert.Equal(_silo.Grains.GetGrain<ITurnGrain>("a"), _silo.Grains.GetGrain<ITurnGrain>("a"));
        Assert.NotEqual(_silo.Grains.GetGrain<ITurnGrain>("a"), _silo.Grains.GetGrain<ITurnGrain>("b"));
    }

    [Fact]
    public void Construct_OutsideTheEngine_IsRefused() =>
        Assert.Contains(nameof(OnceGrain), Assert.Throws<InvalidOperationException>(() => new OnceGrain()).Message, StringComparison.Ordinal);

    [Fact]
    public void Calls_OfOneCallerThatDoesNotWait_RunInOrder()
    {
        var grain = _silo.Grains.GetGrain<ITurnGrain>("a");

        _world.RunUntilCompleted(_silo.Process.Start(() => Task.WhenAll(Enumerable.Range(0, 50).Select(grain.Append))));

        var appended = _world.RunUntilCompleted(_silo.Process.Start(() => grain.Appended().AsTask()));
        Assert.Equal(string.Join(",", Enumerable.Range(0, 50)), appended);
    }

    [Fact]
    public void Calls_BeyondThoseThatMayWait_AreRefused()
    {
        var grain = _silo.Grains.GetGrain<IHopGrain>("a");
        var calls = _world.RunUntilCompleted(_silo.Process.Start(() => Task.FromResult(Enumerable.Range(0, 150).Select(_ => grain.Never()).ToArray())));

        Assert.Equal(50, calls.Count(call => call.Exception?.InnerException is LimitExceededException));
    }

    [Fact]
    public void Options_OutOfBounds_AreAllNamed()
    {
        using var services = new ServiceCollection()
            .AddEmbeddedEngine(options =>
            {
                options.ResponseTimeout = TimeSpan.Zero;
                options.CollectionAge = options.CollectionQuantum;
                options.StopTimeout = TimeSpan.FromSeconds(-1);
            })
            .BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptions<EmbeddedEngineOptions>>().Value);

        Assert.Equal(4, exception.Failures.Count());
    }

    private void Refused<TGrain>(params string[] names) where TGrain : IGrainWithStringKey
    {
        var exception = Assert.Throws<ArgumentException>(() => _silo.Grains.GetGrain<TGrain>("x"));

        Assert.All(names, name => Assert.Contains(name, exception.Message, StringComparison.Ordinal));
    }
}
