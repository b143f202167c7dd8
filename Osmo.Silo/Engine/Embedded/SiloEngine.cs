using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Osmo.Embedded;
using Osmo.Embedded.Reminders;
using Osmo.Grains;

namespace Osmo.Silo.Engine;

/// <summary>The embedded engine: one process; reminders are rows of the state store.</summary>
internal static class SiloEngine
{
    public static void AddServices(IServiceCollection services) => services.TryAddSingleton<IReminderStore, DocumentReminderStore>();

    public static void Add(IHostApplicationBuilder builder, SiloOptions options)
    {
        builder.Services.AddEmbeddedEngine(engine =>
        {
            engine.AddGrains(typeof(GrainStorageNames).Assembly);
            engine.ResponseTimeout = options.ResponseTimeout;
            engine.CollectionAge = options.CollectionAge;
        });
    }
}
