using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Osmo.Hosting;
using Osmo.Hosting.Engine;
using Osmo.Hosting.Telemetry;

namespace Osmo.Silo.Engine;

/// <summary>Orleans: one of many silos, or one alone on this machine.</summary>
internal static class SiloEngine
{
    public static void AddServices(IServiceCollection services) => services.AddSingleton<IIncomingGrainCallFilter, PortableFailures>();

    public static void Add(IHostApplicationBuilder builder, SiloOptions options) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort);
        silo.UseInMemoryReminderService();
        Configure(silo, options);
    });

    /// <summary>Makes the silo a member of a cluster.</summary>
    public static void Add(IHostApplicationBuilder builder, SiloOptions options, ServiceSettings service) => builder.UseOrleans(silo =>
    {
        var advertised = options.AdvertisedAddress is { } address ? IPAddress.Parse(address) : null;
        silo.UseOsmoCluster(service, advertised, options.SiloPort, options.GatewayPort);
        if (OtlpExport.IsWanted(builder.Configuration)) silo.AddActivityPropagation();
        Configure(silo, options);
    });

    private static void Configure(ISiloBuilder silo, SiloOptions options)
    {
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = options.ResponseTimeout);
        silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = options.CollectionAge);
    }
}
