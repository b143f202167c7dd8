using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
#if ACTOR_ENGINE_EMBEDDED
using Microsoft.Extensions.Hosting;
using Osmo.Embedded;
#else
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;
#endif

namespace Osmo.Testing;

/// <summary>Settings of a <see cref="TestSilo"/>; the defaults are those of both engines, unless said otherwise.</summary>
public sealed record TestSiloSettings
{
    /// <summary>Where the grain classes are. Orleans looks for them itself, in every assembly it generated code for.</summary>
    public required IReadOnlyList<Assembly> Grains { get; init; }

    /// <summary>Silos of the cluster, sharing what <c>configure</c> registers as instances; the embedded engine has one.</summary>
    public int Silos { get; init; } = 1;

    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an enumeration may rest before its grain gives it up; null: as long as a response may take.</summary>
    public TimeSpan? EnumerationAge { get; init; }

    public TimeSpan CollectionAge { get; init; } = TimeSpan.FromMinutes(15);

    public TimeSpan CollectionQuantum { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>One silo inside the test process, on the engine the tests are built against.</summary>
public sealed class TestSilo : IAsyncDisposable
{
#if ACTOR_ENGINE_EMBEDDED
    private readonly IHost _host;

    private TestSilo(IHost host)
    {
        _host = host;
        Grains = host.Services.GetRequiredService<IGrainFactory>();
    }

    public IGrainFactory Grains { get; }

    /// <summary>The services of the silo.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Starts a silo with these services, in which grains are constructed.</summary>
    public static async Task<TestSilo> Start(TestSiloSettings settings, Action<IServiceCollection> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        configure(builder.Services);
        builder.Services.AddEmbeddedEngine(options =>
        {
            foreach (var assembly in settings.Grains) options.AddGrains(assembly);
            options.ResponseTimeout = settings.ResponseTimeout;
            options.CollectionAge = settings.CollectionAge;
            options.CollectionQuantum = settings.CollectionQuantum;
            options.EnumerationAge = settings.EnumerationAge ?? settings.ResponseTimeout;
        });
        var host = builder.Build();
        await host.StartAsync();
        return new TestSilo(host);
    }

    /// <summary>Stops gracefully: all activations end.</summary>
    public Task Stop() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await Stop();
        _host.Dispose();
    }
#else
    /// <summary>Probes of a silo that was killed are missed at this distance.</summary>
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(1);

    /// <summary>So many, as silos on a machine that is busy with other things must not take each other for dead.</summary>
    private const int MissedProbes = 10;

    private readonly InProcessTestCluster _cluster;

    private TestSilo(InProcessTestCluster cluster) => _cluster = cluster;

    public IGrainFactory Grains => _cluster.Client;

    /// <summary>The services of the silo.</summary>
    public IServiceProvider Services => _cluster.GetSiloServiceProvider();

    /// <summary>Starts a silo with these services, in which grains are constructed.</summary>
    public static async Task<TestSilo> Start(TestSiloSettings settings, Action<IServiceCollection> configure)
    {
        var builder = new InProcessTestClusterBuilder((short)settings.Silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.UseInMemoryReminderService();
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = ProbePeriod;
                options.TableRefreshTimeout = ProbePeriod;
                options.NumMissedProbesLimit = MissedProbes;
                options.NumVotesForDeathDeclaration = 1;
            });
            // The age of enumerations is the timeout of the silo; that of calls from outside is the client's.
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = settings.EnumerationAge ?? settings.ResponseTimeout);
            silo.Configure<GrainCollectionOptions>(options =>
            {
                options.CollectionAge = settings.CollectionAge;
                options.CollectionQuantum = settings.CollectionQuantum;
            });
            configure(silo.Services);
        });
        builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = settings.ResponseTimeout));
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new TestSilo(cluster);
    }

    /// <summary>Stops gracefully: all activations end.</summary>
    public Task Stop() => _cluster.StopAllSilosAsync();

    /// <summary>The newest silo is gone from one moment to the next, with all its activations; the others have to notice.</summary>
    public Task KillOne() => _cluster.KillSiloAsync(_cluster.Silos[^1]);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
#endif
}
