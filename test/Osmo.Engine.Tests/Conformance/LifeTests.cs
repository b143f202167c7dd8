using Orleans.Concurrency;
using Osmo.Engine.Tests.Support;
using Osmo.Testing;

namespace Osmo.Engine.Tests.Conformance;

[Alias("osmo.test.ILifeGrain")]
public interface ILifeGrain : IGrainWithStringKey
{
    /// <summary>The number of this activation among those of the grain.</summary>
    [Alias("Generation")]
    Task<int> Generation();

    [Alias("Leave")]
    Task Leave();

    /// <summary>Leaves, but holds the activation until the gate opens.</summary>
    [Alias("LeaveSlowly")]
    Task LeaveSlowly();

    [Alias("Linger")]
    Task Linger(TimeSpan time);

    [Alias("Ping"), AlwaysInterleave]
    Task Ping();
}

public sealed class LifeGrain(Probe probe) : Grain, ILifeGrain
{
    private int _generation;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Tell(Key, "activated");
        _generation = probe.Told(Key).Count(what => what == "activated");
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        probe.Tell(Key, $"deactivated: {reason.ReasonCode}");
    }

    public Task<int> Generation() => Task.FromResult(_generation);

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task LeaveSlowly()
    {
        DeactivateOnIdle();
        probe.Tell(Key, "leaving");
        await probe.Gate(Key);
        probe.Tell(Key, "left");
    }

    public Task Linger(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task Ping() => Task.CompletedTask;
}

[Alias("osmo.test.IBrokenGrain")]
public interface IBrokenGrain : IGrainWithStringKey
{
    [Alias("Touch")]
    Task<int> Touch();
}

/// <summary>Can be activated from the third attempt on.</summary>
public sealed class BrokenGrain(Probe probe) : Grain, IBrokenGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Tell(this.GetPrimaryKeyString(), "attempt");
        return probe.Told(this.GetPrimaryKeyString()).Length < 3 ? throw new InvalidDataException("I am not well.") : Task.CompletedTask;
    }

    public Task<int> Touch() => Task.FromResult(probe.Told(this.GetPrimaryKeyString()).Length);
}

public sealed class LifeTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Fact]
    public async Task DeactivateOnIdle_ThenACall_GetsAFreshActivation()
    {
        var grain = Grain<ILifeGrain>(out var key);
        Assert.Equal(1, await Soon(grain.Generation()));

        await Soon(grain.Leave());

        Assert.Equal(2, await Soon(grain.Generation()));
        Assert.Equal(["activated", "deactivated: ApplicationRequested", "activated"], Probe.Told(key));
    }

    [Fact]
    public async Task DeactivateOnIdle_WhileACallRuns_LetsItEndAndSendsLaterCallsOn()
    {
        var grain = Grain<ILifeGrain>(out var key);
        var leaving = grain.LeaveSlowly();
        await Probe.Hear(key, "leaving");

        var later = Enumerable.Range(0, 5).Select(_ => grain.Generation()).ToArray();
        Probe.Open(key);

        await Soon(leaving);
        Assert.All(await Soon(Task.WhenAll(later)), generation => Assert.Equal(2, generation));
        Assert.Equal(["activated", "leaving", "left", "deactivated: ApplicationRequested", "activated"], Probe.Told(key));
    }

    [Fact]
    public async Task OnActivateAsync_WhenItThrows_FailsTheCallAndIsTriedAgain()
    {
        var grain = Grain<IBrokenGrain>(out _);

        Assert.Equal("I am not well.", (await Assert.ThrowsAsync<InvalidDataException>(() => Soon(grain.Touch()))).Message);
        await Assert.ThrowsAsync<InvalidDataException>(() => Soon(grain.Touch()));
        Assert.Equal(3, await Soon(grain.Touch()));
    }

    [Fact]
    public async Task Collection_OfUnusedGrains_SparesThoseThatLinger()
    {
        var probe = new Probe();
        await using var silo = await TestSilo.Start(
            new TestSiloSettings
            {
                Grains = [typeof(LifeGrain).Assembly],
                CollectionAge = TimeSpan.FromSeconds(1),
                CollectionQuantum = TimeSpan.FromSeconds(0.5),
            },
            services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(services, probe));
        await Soon(silo.Grains.GetGrain<ILifeGrain>("lingering").Linger(TimeSpan.FromMinutes(5)));
        await Soon(silo.Grains.GetGrain<ILifeGrain>("idle").Generation());
        await Soon(silo.Grains.GetGrain<ILifeGrain>("idle later").Linger(TimeSpan.FromSeconds(1)));

        await probe.Hear("idle", "deactivated: ActivationIdle");
        await probe.Hear("idle later", "deactivated: ActivationIdle");

        Assert.Equal(["activated"], probe.Told("lingering"));
        Assert.Equal(2, await Soon(silo.Grains.GetGrain<ILifeGrain>("idle").Generation()));
    }

    [Fact]
    public async Task Stop_OfTheSilo_DeactivatesAll()
    {
        var probe = new Probe();
        var silo = await TestSilo.Start(
            new TestSiloSettings { Grains = [typeof(LifeGrain).Assembly] },
            services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton(services, probe));
        await using (silo)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => silo.Grains.GetGrain<ILifeGrain>($"{i}").Generation()));
            await Soon(silo.Stop());
        }

        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(["activated", "deactivated: ShuttingDown"], probe.Told($"{i}")));
    }
}
