using System.Collections.Immutable;
using Microsoft.AspNetCore.Hosting;
using Orleans.Hosting;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Meta;
using Osmo.Hosting;
using Osmo.Hosting.Engine;
using Osmo.Hosting.Settings;
using Osmo.Hosting.Telemetry;
using Osmo.Workflows.Templates;

namespace Osmo.Gateway;

/// <summary>A gateway as a program: a client of a cluster of silos. It keeps nothing; any number of them may run side by side.</summary>
public static class GatewayProgram
{
    /// <summary>The program's own settings, besides <see cref="ServiceSettings.Sections"/>.</summary>
    public static ImmutableArray<SettingsSection> Sections { get; } = [SettingsSection.Of<GatewayOptions>(GatewayOptions.Section)];

    internal static Task<int> Main(string[] args) => ServiceProgram.Run("osmo-gateway", () => Build(args));

    private static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder();
        var service = builder.AddOsmoService(Sections, args);
        var options = builder.Configuration.Read<GatewayOptions>(GatewayOptions.Section);
        if (options.Complaints().ToList() is { Count: > 0 } complaints)
        {
            throw new SettingsException(string.Join(' ', complaints));
        }

        builder.WebHost.UseUrls(options.ListenUrl);
        builder.UseOrleansClient(client =>
        {
            client.UseOsmoCluster(service, options.ResponseTimeout);
            if (OtlpExport.IsWanted(builder.Configuration)) client.AddActivityPropagation();
        });
        builder.Services.AddSingleton<ITemplateRenderer, TemplateEngine>();
        builder.Services.AddOsmoGateway(builder.Configuration);
        builder.Services.AddSingleton<IReadiness, GrainsReadiness>();
        var app = builder.Build();
        app.MapOsmoGateway();
        return app;
    }
}

/// <summary>The grains answer: there is a silo, and the gateway is connected to it.</summary>
internal sealed class GrainsReadiness(Readiness readiness) : IReadiness
{
    public Task<string?> WhyNot(CancellationToken cancellation) => readiness.WhyNot(cancellation);
}
