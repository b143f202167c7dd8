using System.Text.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Identity;
using Osmo.Gateway.Logs;
using Osmo.Gateway.Meta;
using Osmo.Gateway.Operators;
using Osmo.Gateway.Pools;
using Osmo.Gateway.Profiles;
using Osmo.Gateway.Resources;
using Osmo.Gateway.Runtimes;
using Osmo.Gateway.Workflows;
using Osmo.Hosting;
using Osmo.Workflows.Resources;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Specification.Admission;

namespace Osmo.Gateway;

/// <summary>Puts the gateway into a web application: the standalone program, or one of its own.</summary>
public static class GatewayHosting
{
    /// <summary>
    /// Adds what the gateway needs. The host adds the grain factory of the engine, the queries, state and objects of the storage, and the
    /// template renderer.
    /// </summary>
    /// <param name="configuration">Section <see cref="GatewayOptions.Section"/> is read.</param>
    public static IServiceCollection AddOsmoGateway(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<GatewayOptions>()
            .Bind(configuration.GetSection(GatewayOptions.Section))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidation>();
        services.AddOptions<KestrelServerOptions>()
            .Configure<IOptions<GatewayOptions>>((kestrel, gateway) => kestrel.Limits.MaxRequestBodySize = gateway.Value.RequestBytesMax);

        // The API document takes the names and shapes of answers from here.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, GatewayJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(1, ResourcesJson.Default);
        });
        services.AddMetrics();
        services.AddRouting();
        services.AddOpenApi(ApiDocument.Name, ApiDocument.Configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<Draining>();
        services.TryAddSingleton<IUuidSource, RandomUuidSource>();

        services.AddSingleton<ErrorAnswers>().AddSingleton<VersionGate>().AddSingleton<BaseUrl>();
        services.AddSingleton<ConfigurationCache>().AddSingleton<Readiness>();
        services.AddSingleton<DevelopmentIdentity>().AddHostedService(provider => provider.GetRequiredService<DevelopmentIdentity>());
        services.AddSingleton<TaskTokens>();
        services.AddSingleton<WorkflowReader>().AddSingleton<WorkflowView>().AddSingleton<ListScope>().AddSingleton<ClusterReader>();
        services.AddSingleton<Submissions>().AddSingleton<SubmissionChecks>().AddSingleton<SubmitMetrics>().AddSingleton<SpecReader>().AddSingleton<AdmissionCheck>();
        services.AddSingleton<LogRequests>().AddSingleton<LogFollower>().AddSingleton<LogMetrics>();
        services.AddSingleton<RuntimeMetrics>().AddSingleton<OperatorLog>().AddSingleton<OperatorMetrics>();

        services.AddSingleton<IRouteArea, MetaRoutes>();
        services.AddSingleton<IRouteArea, TokenRoutes>();
        services.AddSingleton<IRouteArea, ProfileRoutes>();
        services.AddSingleton<IRouteArea, SubmitRoutes>();
        services.AddSingleton<IRouteArea, ListRoutes>();
        services.AddSingleton<IRouteArea, WorkflowRoutes>();
        services.AddSingleton<IRouteArea, TaskRoutes>();
        services.AddSingleton<IRouteArea, LogRoutes>();
        services.AddSingleton<IRouteArea, PoolRoutes>();
        services.AddSingleton<IRouteArea, ResourceRoutes>();
        services.AddSingleton<BackendRemoval>();
        services.AddSingleton<IRouteArea, BackendRoutes>();
        services.AddSingleton<IRouteArea, RuntimeRoutes>();
        services.AddSingleton<IRouteArea, OperatorRoutes>();
        return services;
    }

    /// <summary>Adds the gateway's middleware and routes.</summary>
    public static WebApplication MapOsmoGateway(this WebApplication app)
    {
        var services = app.Services;
        var options = services.GetRequiredService<IOptions<GatewayOptions>>().Value;
        Use(services.GetRequiredService<ErrorAnswers>().Apply);
        Use(PathRules.Apply);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = options.PingPeriod, KeepAliveTimeout = options.PingPeriod });
        app.UseRouting();
        Use(services.GetRequiredService<DevelopmentIdentity>().Apply);
        Use(services.GetRequiredService<VersionGate>().Apply);
        app.UseEndpoints(static _ => { });

        var routes = new RouteTable(app);
        foreach (var area in services.GetServices<IRouteArea>())
        {
            area.Map(routes);
        }

        app.MapOpenApi("/api/openapi.json");
        return app;

        void Use(Func<HttpContext, RequestDelegate, Task> middleware) => app.Use(next => context => middleware(context, next));
    }
}

/// <summary>Names every wrong setting at the start.</summary>
internal sealed class GatewayOptionsValidation : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options) =>
        options.Complaints().ToList() is { Count: > 0 } complaints ? ValidateOptionsResult.Fail(complaints) : ValidateOptionsResult.Success;
}
