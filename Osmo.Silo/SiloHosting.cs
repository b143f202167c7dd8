using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Storage;
using Osmo.Grains;
using Osmo.Grains.Configuration;
using Osmo.Grains.Identity;
using Osmo.Grains.Notifications;
using Osmo.Hosting.Settings;
using Osmo.Silo.Configuration;
using Osmo.Silo.Documents;
using Osmo.Silo.Engine;
using Osmo.Silo.Notifications;
using Osmo.Storage.State;
using Osmo.Workflows.Templates;

namespace Osmo.Silo;

public static class SiloHosting
{
    /// <summary>
    /// Hosts the grains of this project in the process, on the engine it was built for; the process gets <see cref="IGrainFactory"/>. Storage
    /// (<see cref="IStateStore"/> and what else grains take from the services) is added by the caller, before; services that call grains, after.
    /// </summary>
    /// <exception cref="OptionsValidationException">Settings are wrong; the message names each with the fix.</exception>
    public static IHostApplicationBuilder AddOsmoSilo(this IHostApplicationBuilder builder, Action<SiloOptions>? configure = null)
    {
        var options = AddGrains(builder, configure);
        SiloEngine.Add(builder, options);
        AddConfigurationFile(builder.Services, options);
        builder.Services.AddHostedService<WakeWatch>();
        return builder;
    }

    /// <summary>The grains and their settings; the engine and what needs it is up to the caller.</summary>
    internal static SiloOptions AddGrains(this IHostApplicationBuilder builder, Action<SiloOptions>? configure)
    {
        var options = builder.Configuration.Read<SiloOptions>(SiloOptions.Section);
        configure?.Invoke(options);
        var validation = new SiloOptionsValidator().Validate(null, options);
        if (validation.Failed) throw new OptionsValidationException(SiloOptions.Section, typeof(SiloOptions), validation.Failures);

        builder.Services.AddGrainServices().AddSingleton(Options.Create(options)).AddSingleton<FirstCalls>();
        return options;
    }

    internal static void AddConfigurationFile(IServiceCollection services, SiloOptions options)
    {
        if (options.Configuration is { } file)
        {
            services.AddHostedService(provider => new ConfigurationFile(provider.GetRequiredService<IGrainFactory>(), provider.GetRequiredService<FirstCalls>(), file));
        }
    }

    /// <summary>What grains of this project take from the services, beyond storage and the engine. What is registered already stays.</summary>
    public static IServiceCollection AddGrainServices(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IIdentitySource, RandomIdentitySource>();
        services.TryAddSingleton<ITemplateRenderer, TemplateEngine>();
        services.TryAddSingleton<ConfigurationCache>();
        services.TryAddSingleton(_ => new SlackSender());
        services.TryAddSingleton<INotifier, Notifier>();
        services.TryAddKeyedSingleton<IGrainStorage>(
            GrainStorageNames.Documents, (provider, _) => new DocumentStorage(provider.GetRequiredService<IStateStore>()));
        SiloEngine.AddServices(services);
        return services;
    }
}
