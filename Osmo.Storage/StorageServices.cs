using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Osmo.Storage;

public static class StorageServices
{
    /// <summary>Adds the state store, the queries and the object store. The host opens them before any other service starts.</summary>
    public static IServiceCollection AddOsmoStorage(this IServiceCollection services, StorageOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(provider => new OsmoStorage(options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(provider => provider.GetRequiredService<OsmoStorage>().State);
        services.AddSingleton(provider => provider.GetRequiredService<OsmoStorage>().Queries);
        services.AddSingleton(provider => provider.GetRequiredService<OsmoStorage>().Backlog);
        services.AddSingleton(provider => provider.GetRequiredService<OsmoStorage>().Objects);
        services.AddHostedService<StorageStartup>();
        return services;
    }
}

/// <summary>Opens storage before the first service that uses it starts; a wrong setting ends the start with its message.</summary>
public sealed class StorageStartup(OsmoStorage storage) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => storage.Open(cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
