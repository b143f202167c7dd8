using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Osmo.Hosting.Telemetry;

/// <summary>
/// Sends traces and metrics over OTLP, as the standard <c>OTEL_*</c> variables of the environment say: to where, how, how often, and which traces. Without an endpoint nothing
/// is collected and this is not there.
/// </summary>
public sealed class OtlpExport(IConfiguration configuration, IHostEnvironment environment) : IHostedLifecycleService, IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Endpoints = [Endpoint, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>Ours, the requests that caused what we do, and the calls between grains.</summary>
    private static readonly string[] Sources = ["Osmo", "Microsoft.AspNetCore", "Microsoft.Orleans.Application"];

    private static readonly string[] Meters =
        ["Osmo.*", "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "System.Runtime"];

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    public static bool IsWanted(IConfiguration configuration) =>
        Endpoints.Any(name => configuration[name] is { Length: > 0 }) && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Before anything else starts: what starts is part of what is told.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _traces = Sdk.CreateTracerProviderBuilder().ConfigureServices(Configure).ConfigureResource(Name).AddSource(Sources).AddOtlpExporter().Build();
        _metrics = Sdk.CreateMeterProviderBuilder().ConfigureServices(Configure).ConfigureResource(Name).AddMeter(Meters).AddOtlpExporter().Build();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What is not sent yet is sent now.</summary>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    /// <summary>It reads the variables where everything else is read.</summary>
    private void Configure(IServiceCollection services) => services.AddSingleton(configuration);

    /// <summary>The environment's name for the service comes first.</summary>
    private void Name(ResourceBuilder resource) =>
        resource.Clear().AddService(environment.ApplicationName, serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3)).AddTelemetrySdk().AddEnvironmentVariableDetector();
}
