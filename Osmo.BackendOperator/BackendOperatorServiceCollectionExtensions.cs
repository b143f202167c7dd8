using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Connection;
using Osmo.BackendOperator.Local;

namespace Osmo.BackendOperator;

/// <summary>Puts a backend's operator into a host.</summary>
public static class BackendOperatorServiceCollectionExtensions
{
    /// <summary>Runs the operator of a cluster registered as <see cref="ICluster"/>.</summary>
    /// <param name="configure">Asked once the host has started, when its own addresses are known; validated then.</param>
    public static IServiceCollection AddOsmoBackendOperator(this IServiceCollection services, Func<IServiceProvider, BackendOperatorOptions> configure)
    {
        services.AddHttpClient();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ConnectionBoard>();
        services.AddMetrics().TryAddSingleton<OperatorMetrics>();
        return services.AddHostedService(provider => new BackendOperatorService(
            () => configure(provider),
            provider.GetRequiredService<ICluster>(),
            provider.GetRequiredService<IHttpClientFactory>(),
            provider.GetRequiredService<ConnectionBoard>(),
            provider.GetRequiredService<OperatorMetrics>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
    }

    /// <inheritdoc cref="AddOsmoBackendOperator(IServiceCollection, Func{IServiceProvider, BackendOperatorOptions})"/>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public static IServiceCollection AddOsmoBackendOperator(this IServiceCollection services, BackendOperatorOptions options)
    {
        options.Validate();
        return services.AddOsmoBackendOperator(_ => options);
    }

    /// <summary>Registers this machine as the <see cref="ICluster"/>; call it before <c>AddOsmoBackendOperator</c>.</summary>
    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public static IServiceCollection AddOsmoLocalCluster(this IServiceCollection services, LocalClusterOptions options)
    {
        options.Validate();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new LocalCluster(
            options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<LocalCluster>>()));
        services.AddSingleton<ICluster>(provider => provider.GetRequiredService<LocalCluster>());
        return services.AddHostedService<LocalClusterService>();
    }
}
