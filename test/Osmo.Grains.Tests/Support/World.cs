using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using Osmo.Grains.Identity;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Notifications;
using Osmo.Silo;
using Osmo.Storage;
using Osmo.Storage.Objects;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Testing;
using Osmo.Workflows.Configuration;

namespace Osmo.Grains.Tests.Support;

/// <summary>
/// The grains in a silo over a SQLite database in a folder of its own; the silo can be stopped and started over the same folder.
/// It has many pools, each with a backend of its own, so that tests do not take each other's jobs.
/// </summary>
public sealed class World : IAsyncDisposable
{
    /// <summary>A wait longer than this is a failed test.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const int Pools = 300;

    /// <summary>Where silos may die: more than a grain holds a long poll, and not much more.</summary>
    private static readonly TimeSpan ClusterResponseTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Between two tries of a call.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("osmo-grains-");
    private readonly SeededIdentity _identity = new(seed: 7);
    private OsmoStorage _storage = null!;
    private TestSilo _silo = null!;
    private int _silos;
    private int _names;
    private int _pools;

    private World()
    {
    }

    internal SteppedClock Clock { get; } = new();

    internal FaultyStore Store { get; private set; } = null!;

    internal FaultyObjects Objects { get; private set; } = null!;

    internal RecordingNotifier Notifier { get; } = new();

    public IWorkflowQueries Queries => _storage.Queries;

    public ConfigurationModel Configuration { get; private set; } = null!;

    public IGrainFactory Grains => _silo.Grains;

    /// <summary>The silos of this world; they share its storage.</summary>
    internal TestSilo Silo => _silo;

    /// <param name="silos">More than one only on Orleans.</param>
    public static async Task<World> Start(int silos = 1)
    {
        var world = new World { _silos = silos };
        await world.Open();
        await world.Configure(snapshot => snapshot);
        return world;
    }

    /// <summary>Stops the silo as a process would stop, and starts another over the same database.</summary>
    public async Task Restart()
    {
        await Close();
        await Open();
    }

    /// <summary>A name nobody else in this world has.</summary>
    public string NewName(string prefix) => $"{prefix}{Interlocked.Increment(ref _names)}";

    public string NewUuid() => _identity.NewUuid();

    /// <summary>A pool nobody else in this world uses; its backend has the same name.</summary>
    public string NewPool()
    {
        var taken = Interlocked.Increment(ref _pools) - 1;
        return taken < Pools ? $"pool{taken}" : throw new InvalidOperationException($"All {Pools} pools of this world are taken.");
    }

    /// <summary>Changes the configuration; it is in force when this returns.</summary>
    public async Task Configure(Func<ConfigurationSnapshot, ConfigurationSnapshot> change)
    {
        var grain = Grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key);
        var stored = await grain.Get(knownVersion: -1);
        var current = stored.Json is null ? Fresh() : JsonSerializer.Deserialize<ConfigurationSnapshot>(stored.Json, ConfigurationJson.Storage)!;
        var next = change(current);
        var replaced = await grain.Replace(stored.Version, JsonSerializer.Serialize(next, ConfigurationJson.Storage));
        Assert.Equal(stored.Version + 1, replaced.Version);
        Configuration = ConfigurationModel.Build(next);
        Clock.Advance(Osmo.Grains.Configuration.ConfigurationCache.Staleness * 2);
    }

    /// <summary>Calls as a gateway does: what says nothing about its effect is called again.</summary>
    public static async Task<T> Retry<T>(Func<Task<T>> call)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var pause = new PeriodicTimer(Pause);
        while (true)
        {
            try
            {
                return await call().WaitAsync(Patience);
            }
            catch (Exception e) when (!patience.IsCancellationRequested && e is StateStoreException { IsTransient: true } or OrleansException or TimeoutException)
            {
                await pause.WaitForNextTickAsync();
            }
        }
    }

    /// <summary>Asks a grain that holds a call for a while until there is something: an answer that there is nothing yet says how long the machine took, and no more.</summary>
    public static async Task<T> Ask<T>(Func<CancellationToken, Task<T>> call, Func<T, bool> isSomething, CancellationToken cancellation = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        while (true)
        {
            var answer = await Retry(() => call(patience.Token));
            patience.Token.ThrowIfCancellationRequested();
            if (isSomething(answer))
            {
                return answer;
            }
        }
    }

    public static Task Retry(Func<Task> call) => Retry(async () =>
    {
        await call();
        return true;
    });

    /// <summary>Reads until it is as wanted; for what happens without a call that could be awaited.</summary>
    internal static async Task<T> Eventually<T>(Func<Task<T>> read, Func<T, bool> wanted, TimeSpan? atMost = null)
    {
        using var patience = new CancellationTokenSource(atMost ?? Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var value = await read();
            if (wanted(value))
            {
                return value;
            }

            try
            {
                await pause.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"It did not come to be as wanted within {atMost ?? Patience}; it is {value}.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Close();
        _folder.Delete(recursive: true);
    }

    private static ConfigurationSnapshot Fresh()
    {
        var standard = ConfigurationSnapshot.Default;
        var names = Enumerable.Range(0, Pools).Select(number => $"pool{number}").ToList();
        var backend = new BackendConfig { SchedulerSettings = new SchedulerSettings { SchedulerType = SchedulerType.Default } };
        return standard with
        {
            Service = standard.Service with { ServiceBaseUrl = "http://127.0.0.1:8000" },
            Workflow = standard.Workflow with
            {
                MaxRetryPerTask = 2,
                WorkflowData = standard.Workflow.WorkflowData with { Credential = new StorageCredential { Endpoint = "file:///data" } },
            },
            Backends = names.ToImmutableSortedDictionary(name => name, _ => backend),
            Pools = names.ToImmutableSortedDictionary(name => name, name => standard.Pools["default"] with { Backend = name }),
        };
    }

    private async Task Open()
    {
        var options = new StorageOptions { Database = $"sqlite:{Path.Combine(_folder.FullName, "state.db")}", Objects = $"file:{Path.Combine(_folder.FullName, "objects")}" };
        _storage = await OsmoStorage.Open(options, TimeProvider.System, NullLoggerFactory.Instance);
        Store = new FaultyStore(_storage.State);
        Objects = new FaultyObjects(_storage.Objects);
        _silo = await TestSilo.Start(
            new TestSiloSettings { Grains = [typeof(GrainStorageNames).Assembly], Silos = _silos, ResponseTimeout = _silos > 1 ? ClusterResponseTimeout : TimeSpan.FromSeconds(30) },
            services => services
                .AddSingleton<TimeProvider>(Clock)
                .AddSingleton<IStateStore>(Store)
                .AddSingleton<IObjectStore>(Objects)
                .AddSingleton(_storage.Queries)
                .AddSingleton<IIdentitySource>(_identity)
                .AddSingleton<INotifier>(Notifier)
                .AddGrainServices());
    }

    private async Task Close()
    {
        await _silo.DisposeAsync();
        await _storage.DisposeAsync();
    }
}

/// <summary>One world for all tests that need none of their own.</summary>
public sealed class SharedWorld : IAsyncLifetime
{
    public World World { get; private set; } = null!;

    public async Task InitializeAsync() => World = await World.Start();

    public async Task DisposeAsync() => await World.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class GrainTests : ICollectionFixture<SharedWorld>
{
    public const string Name = "Grains";
}
