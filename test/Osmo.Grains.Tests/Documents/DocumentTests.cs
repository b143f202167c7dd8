using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Storage.State;

namespace Osmo.Grains.Tests.Documents;

/// <summary>Configuration, keys and profiles: one document each. They get a world of their own, since there is one of each.</summary>
public sealed class DocumentTests : IAsyncLifetime
{
    private World _world = null!;

    private IConfigurationGrain Configuration => _world.Grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key);

    public async Task InitializeAsync() => _world = await World.Start();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Replace_OfAnOlderVersion_ChangesNothing()
    {
        var stored = await Configuration.Get(-1);
        var refused = await Configuration.Replace(stored.Version - 1, stored.Json!.Replace("Default pool", "Other", StringComparison.Ordinal));
        Assert.Equal(stored, refused);
        Assert.Null((await Configuration.Get(stored.Version)).Json);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("""{"pools": {"p": {"backend": "b", "common_pod_template": ["missing"]}}}""")]
    public async Task Replace_ByWhatCannotBeUsed_IsRefused(string json)
    {
        var stored = await Configuration.Get(-1);
        await Assert.ThrowsAnyAsync<Exception>(() => Configuration.Replace(stored.Version, json));
        Assert.Equal(stored, await Configuration.Get(-1));
    }

    [Theory]
    [InlineData(Fault.BeforeCommit, 0)]
    [InlineData(Fault.AfterCommit, 1)]
    [InlineData(Fault.Conflict, 0)]
    public async Task Replace_ThatFails_IsNotShownUnlessItIsStored(Fault fault, int storedSteps)
    {
        var stored = await Configuration.Get(-1);
        _world.Store.Fail(fault, RowKind.Document, "configuration");
        await Assert.ThrowsAnyAsync<Exception>(() => Configuration.Replace(stored.Version, stored.Json!.Replace("Default pool", "Other", StringComparison.Ordinal)));

        var after = await World.Retry(() => Configuration.Get(-1));
        Assert.Equal(stored.Version + storedSteps, after.Version);
        Assert.Equal(storedSteps == 0, after.Json == stored.Json);
    }

    [Theory]
    [InlineData(Fault.BeforeCommit)]
    [InlineData(Fault.AfterCommit)]
    public async Task Keys_WhoseFirstWriteFailed_AreTheSameFromThenOn(Fault fault)
    {
        _world.Store.Fail(fault, RowKind.Document, "service-keys");
        var keys = await World.Retry(() => _world.Grains.GetGrain<IServiceKeysGrain>(IServiceKeysGrain.Key).Get());
        Assert.True(_world.Store.IsSpent);

        await _world.Restart();
        var later = await _world.Grains.GetGrain<IServiceKeysGrain>(IServiceKeysGrain.Key).Get();
        Assert.Equal(Convert.ToHexString(keys.TaskTokenKey.Span), Convert.ToHexString(later.TaskTokenKey.Span));
        Assert.Equal(Convert.ToHexString(keys.SigningKey.Span), Convert.ToHexString(later.SigningKey.Span));
    }

    [Fact]
    public async Task Profile_Updated_KeepsWhatWasNotNamed()
    {
        var profile = _world.Grains.GetGrain<IProfileGrain>("user");
        await profile.Update(true, null, "pool1");
        Assert.Equal(new Profile(true, true, "pool1"), await profile.Update(null, true, null));

        await _world.Restart();
        Assert.Equal(new Profile(true, true, "pool1"), await _world.Grains.GetGrain<IProfileGrain>("user").Get());
    }
}
