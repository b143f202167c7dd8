using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Osmo.Testing;

namespace Osmo.Engine.Tests.Support;

/// <summary>One silo for all conformance tests.</summary>
public sealed class EngineFixture : IAsyncLifetime
{
    public Probe Probe { get; } = new();

    public VersionedStorage Storage { get; } = new();

    public TestSilo Silo { get; private set; } = null!;

    public async Task InitializeAsync() => Silo = await TestSilo.Start(
        new TestSiloSettings
        {
            Grains = [typeof(EngineFixture).Assembly],
            CollectionAge = TimeSpan.FromMinutes(15),
            CollectionQuantum = TimeSpan.FromSeconds(1),
        },
        services => services
            .AddSingleton(Probe)
            .AddKeyedSingleton<IGrainStorage>(VersionedStorage.Name, Storage)
            .AddSingleton<IIncomingGrainCallFilter, RecordingFilter>());

    public async Task DisposeAsync() => await Silo.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class EngineTests : ICollectionFixture<EngineFixture>
{
    public const string Name = "Engine";
}

/// <summary>What each test of the suite has: its own key, the probe under that key, and grains.</summary>
[Collection(EngineTests.Name)]
public abstract class ConformanceTest(EngineFixture engine)
{
    protected EngineFixture Engine { get; } = engine;

    protected Probe Probe => Engine.Probe;

    /// <summary>A grain nobody else in the suite uses.</summary>
    protected TGrain Grain<TGrain>(out string key, [CallerMemberName] string test = "") where TGrain : IGrainWithStringKey
    {
        key = $"{GetType().Name}.{test}.{Guid.NewGuid():N}";
        return Engine.Silo.Grains.GetGrain<TGrain>(key);
    }

    /// <summary>Awaits with a bound, so that a hang is a failure.</summary>
    protected static Task Soon(Task task) => task.WaitAsync(Probe.Patience);

    /// <inheritdoc cref="Soon(Task)"/>
    protected static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Probe.Patience);
}
