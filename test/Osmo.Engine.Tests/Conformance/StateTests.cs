using Orleans.Runtime;
using Orleans.Storage;
using Osmo.Engine.Tests.Support;

namespace Osmo.Engine.Tests.Conformance;

[GenerateSerializer, Alias("osmo.test.Tally")]
public sealed record Tally
{
    [Id(0)]
    public int Count { get; init; }
}

[Alias("osmo.test.IStateGrain")]
public interface IStateGrain : IGrainWithStringKey
{
    [Alias("Read")]
    Task<string> Read();

    [Alias("Add")]
    Task Add();

    /// <summary>Adds, and keeps a conflict for itself.</summary>
    [Alias("TryAdd")]
    Task<bool> TryAdd();

    [Alias("Clear")]
    Task Clear();

    [Alias("Leave")]
    Task Leave();
}

public sealed class StateGrain(Probe probe, [PersistentState("tally", VersionedStorage.Name)] IPersistentState<Tally> tally) : Grain, IStateGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Tell(this.GetPrimaryKeyString(), $"activated with {tally.State.Count}");
        return Task.CompletedTask;
    }

    public Task<string> Read() => Task.FromResult($"{tally.State.Count} {tally.RecordExists} {tally.Etag}");

    public Task Add()
    {
        tally.State = tally.State with { Count = tally.State.Count + 1 };
        return tally.WriteStateAsync();
    }

    public async Task<bool> TryAdd()
    {
        try
        {
            await Add();
            return true;
        }
        catch (InconsistentStateException)
        {
            await tally.ReadStateAsync();
            return false;
        }
    }

    public Task Clear() => tally.ClearStateAsync();

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

[Alias("osmo.test.IUnreadableGrain")]
public interface IUnreadableGrain : IGrainWithStringKey
{
    [Alias("Touch")]
    Task Touch();
}

public sealed class UnreadableGrain(Probe probe, [PersistentState("unreadable", VersionedStorage.Name)] IPersistentState<Tally> tally) : Grain, IUnreadableGrain
{
    public Task Touch()
    {
        probe.Tell(this.GetPrimaryKeyString(), $"touched {tally.State}");
        return Task.CompletedTask;
    }
}

public sealed class StateTests(EngineFixture engine) : ConformanceTest(engine)
{
    [Fact]
    public async Task State_OfANewGrain_IsFresh() => Assert.Equal("0 False ", await Soon(Grain<IStateGrain>(out _).Read()));

    [Fact]
    public async Task State_Written_IsReadBeforeTheNextActivation()
    {
        var grain = Grain<IStateGrain>(out var key);
        await Soon(grain.Add());
        await Soon(grain.Add());
        Assert.Equal("2 True 2", await Soon(grain.Read()));

        await Soon(grain.Leave());

        Assert.Equal("2 True 2", await Soon(grain.Read()));
        Assert.Equal(["activated with 0", "activated with 2"], Probe.Told(key));
    }

    [Fact]
    public async Task State_Cleared_IsGone()
    {
        var grain = Grain<IStateGrain>(out _);
        await Soon(grain.Add());

        await Soon(grain.Clear());

        Assert.Equal("0 False ", await Soon(grain.Read()));
    }

    [Fact]
    public async Task Conflict_ThatEscapes_ReachesTheCallerAndEndsTheActivation()
    {
        var grain = Grain<IStateGrain>(out var key);
        await Soon(grain.Add());
        Engine.Storage.Overwrite("tally", key, new Tally { Count = 41 });

        await Assert.ThrowsAsync<InconsistentStateException>(() => Soon(grain.Add()));

        await Soon(grain.Add());
        Assert.Equal("42 True 3", await Soon(grain.Read()));
        Assert.Equal(["activated with 0", "activated with 41"], Probe.Told(key));
    }

    [Fact]
    public async Task Conflict_ThatTheGrainHandles_IsItsOwnBusiness()
    {
        var grain = Grain<IStateGrain>(out var key);
        await Soon(grain.Add());
        Engine.Storage.Overwrite("tally", key, new Tally { Count = 41 });

        Assert.False(await Soon(grain.TryAdd()));

        Assert.True(await Soon(grain.TryAdd()));
        Assert.Equal(["activated with 0"], Probe.Told(key));
    }

    [Fact]
    public async Task State_ThatCannotBeRead_FailsTheCall()
    {
        var grain = Grain<IUnreadableGrain>(out var key);

        var exception = await Assert.ThrowsAnyAsync<OrleansException>(() => Soon(grain.Touch()));

        Assert.Contains("The disk is gone.", exception.ToString(), StringComparison.Ordinal);
        Assert.Empty(Probe.Told(key));
    }
}
