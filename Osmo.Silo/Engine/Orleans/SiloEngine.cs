using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Osmo.Silo.Engine;

/// <summary>Orleans: with PostgreSQL one of many silos, without one alone on this machine.</summary>
internal static class SiloEngine
{
    private const string Invariant = "Npgsql";

    public static void AddServices(IServiceCollection services) => services.AddSingleton<IIncomingGrainCallFilter, PortableFailures>();

    public static void Add(IHostApplicationBuilder builder, SiloOptions options)
    {
        if (options.ClusterDatabase is { } database)
        {
            builder.Services.AddHostedService(_ => new ClusterTables(database)); // before the silo, which would only say that a query is missing
        }

        builder.UseOrleans(silo =>
        {
            if (options.ClusterDatabase is { } database) UsePostgres(silo, options, database);
            else UseThisMachine(silo, options);
            silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = options.ResponseTimeout);
            silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = options.CollectionAge);
        });
    }

    private static void UsePostgres(ISiloBuilder silo, SiloOptions options, string database)
    {
        silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = (options.ClusterId, options.ServiceId));
        silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (Invariant, database));
        silo.UseAdoNetReminderService(reminders => (reminders.Invariant, reminders.ConnectionString) = (Invariant, database));
        if (options.AdvertisedAddress is { } address)
        {
            silo.ConfigureEndpoints(IPAddress.Parse(address), options.SiloPort, options.GatewayPort, listenOnAnyHostAddress: true);
        }
        else
        {
            silo.ConfigureEndpoints(options.SiloPort, options.GatewayPort, listenOnAnyHostAddress: true);
        }
    }

    private static void UseThisMachine(ISiloBuilder silo, SiloOptions options)
    {
        silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort, serviceId: options.ServiceId, clusterId: options.ClusterId);
        silo.UseInMemoryReminderService();
    }
}
