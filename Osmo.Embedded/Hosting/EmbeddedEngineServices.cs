using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans;
using Osmo.Embedded.Reminders;
using Osmo.Embedded.Scheduling;
using Osmo.Embedded.Simulation;

namespace Osmo.Embedded;

public static class EmbeddedEngineServices
{
    /// <summary>
    /// Adds the embedded engine as a hosted service, with <see cref="IGrainFactory"/> and <see cref="IClusterClient"/>. It takes <see cref="TimeProvider"/>,
    /// <see cref="TurnScheduler"/>, <see cref="IReminderStore"/>, <see cref="IIncomingGrainCallFilter"/>s and keyed <see cref="Orleans.Storage.IGrainStorage"/>s
    /// from the services; the first three have defaults. Add hosted services that call grains after it, so that they stop before it.
    /// </summary>
    public static IServiceCollection AddEmbeddedEngine(this IServiceCollection services, Action<EmbeddedEngineOptions> configure)
    {
        services.AddLogging();
        services.AddOptions<EmbeddedEngineOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<EmbeddedEngineOptions>, EmbeddedEngineOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TurnScheduler, ThreadPoolScheduler>();
        services.TryAddSingleton<IReminderStore, InMemoryReminderStore>();
        services.AddSingleton<EmbeddedEngine>();
        services.AddHostedService(provider => provider.GetRequiredService<EmbeddedEngine>());
        services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<EmbeddedEngine>().GrainFactory);
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<EmbeddedEngine>().GrainFactory);
        return services;
    }

    /// <summary>Lets the engine, and everything else that takes its time from the services, run in a simulated process.</summary>
    public static IServiceCollection AddSimulatedProcess(this IServiceCollection services, SimulatedProcess process) => services
        .Replace(ServiceDescriptor.Singleton(process.Turns))
        .Replace(ServiceDescriptor.Singleton(process.Time));
}
