using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Osmo.Hosting;
using Osmo.Silo.Metrics;

namespace Osmo.Silo.Engine;

internal static class ClusterSiloHosting
{
    /// <summary>Hosts the grains as a member of the cluster that the settings name.</summary>
    /// <exception cref="Osmo.Hosting.Settings.SettingsException">Its ports are taken.</exception>
    /// <exception cref="OptionsValidationException">Settings are wrong; the message names each with the fix.</exception>
    public static IHostApplicationBuilder AddOsmoSilo(this IHostApplicationBuilder builder, ServiceSettings service)
    {
        var options = builder.AddGrains(configure: null);
        SiloPorts.EnsureFree(options);
        SiloEngine.Add(builder, options, service);
        SiloHosting.AddConfigurationFile(builder.Services, options);
        builder.Services.AddSingleton<IReadiness, SiloReadiness>();
        builder.Services.AddHostedService<WakeWatch>();
        builder.Services.AddHostedService<BacklogMetrics>();
        return builder;
    }
}
