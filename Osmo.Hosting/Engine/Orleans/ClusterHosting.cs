using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Messaging;
using Orleans.Runtime.Membership;
using Osmo.Storage;

namespace Osmo.Hosting.Engine;

/// <summary>How processes of one cluster find each other (rows in the storage's database) and trust each other (TLS, where it is configured).</summary>
public static class ClusterHosting
{
    private const string Invariant = "Npgsql";

    /// <summary>Connections to the database for membership and reminders; a handful of short statements every few seconds.</summary>
    private const int ConnectionsMax = 4;

    /// <summary>A silo that died together with all others is taken for dead when its row is this many periods old; who starts meanwhile waits for it.</summary>
    private const int MissedRowsLimit = 3;

    /// <summary>How often a silo says in its row that it is alive.</summary>
    private static readonly TimeSpan AlivePeriod = TimeSpan.FromSeconds(5);

    /// <summary>How often the rows are read even if nobody tells of a change.</summary>
    private static readonly TimeSpan TableRefreshPeriod = TimeSpan.FromSeconds(5);

    /// <summary>How often a gateway reads which silos there are: one short statement. What it waits for at a silo that hung it learns from here.</summary>
    private static readonly TimeSpan GatewayListPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Makes the silo a member of the cluster.</summary>
    /// <param name="advertised">The address at which others reach this one; null: found by the host's name.</param>
    public static ISiloBuilder UseOsmoCluster(
        this ISiloBuilder silo, ServiceSettings settings, IPAddress? advertised, int siloPort, int gatewayPort)
    {
        var (cluster, database) = (settings.Cluster, Database(settings));
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, database));
        silo.UseAdoNetReminderService(options => (options.Invariant, options.ConnectionString) = (Invariant, database));
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = cluster.ProbeTimeout;
            options.NumMissedProbesLimit = cluster.MissedProbes;
            // The last probe would go through a third silo, which is given just as long to find out as we wait for it: where the probed one hangs its answer comes too late, and nobody votes.
            options.EnableIndirectProbes = false;
            options.TableRefreshTimeout = TableRefreshPeriod;
            options.IAmAliveTablePublishTimeout = AlivePeriod;
            options.NumMissedTableIAmAliveLimit = MissedRowsLimit;
        });
        if (advertised is not null) silo.ConfigureEndpoints(advertised, siloPort, gatewayPort, listenOnAnyHostAddress: !IPAddress.IsLoopback(advertised));
        else silo.ConfigureEndpoints(siloPort, gatewayPort, listenOnAnyHostAddress: true);
        if (ClusterTrust.Load(cluster) is { } trust) silo.UseTls(trust.Apply);
        return silo;
    }

    /// <summary>Makes the process a client of the cluster. It waits at its start until there is a silo, and goes on through their coming and going.</summary>
    public static IClientBuilder UseOsmoCluster(this IClientBuilder client, ServiceSettings settings, TimeSpan responseTimeout)
    {
        var (cluster, database) = (settings.Cluster, Database(settings));
        client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster.ClusterId, cluster.ServiceId));
        client.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Invariant, database));
        client.Configure<GatewayOptions>(options => options.GatewayListRefreshPeriod = GatewayListPeriod);
        client.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = responseTimeout);
        client.Services.AddSingleton<IClientConnectionRetryFilter, WaitForSilo>();
        client.Services.AddSingleton<AdoNetGatewayListProvider>();
        client.Services.AddSingleton(provider => new SiloLosses(provider.GetRequiredService<AdoNetGatewayListProvider>(), provider.GetRequiredService<TimeProvider>()));
        client.Services.AddSingleton<IGatewayListProvider>(provider => provider.GetRequiredService<SiloLosses>());
        client.Services.AddSingleton<IOutgoingGrainCallFilter, LostCalls>();
        if (ClusterTrust.Load(cluster) is { } trust) client.UseTls(trust.Apply);
        return client;
    }

    private static string Database(ServiceSettings settings) => PostgresAddress.ToKeywords(settings.Storage.Database, "osmo cluster", ConnectionsMax);
}

/// <summary>Silos and gateways may be started in any order.</summary>
internal sealed partial class WaitForSilo(IOptions<ClusterOptions> cluster, TimeProvider time, ILogger<WaitForSilo> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SayAgain = TimeSpan.FromMinutes(1);

    private (string Reason, long At)? _said;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_said is not { } said || said.Reason != exception.Message || time.GetElapsedTime(said.At) >= SayAgain)
        {
            _said = (exception.Message, time.GetTimestamp());
            LogWaiting(cluster.Value.ClusterId, exception.Message);
        }

        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }

    [LoggerMessage(1, LogLevel.Warning, "No silo of cluster '{Cluster}' yet: {Reason}")]
    private partial void LogWaiting(string cluster, string reason);
}
