using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Connection;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.Hosting.Metrics;
using Osmo.Hosting.Telemetry;

namespace Osmo.BackendOperator.Hosting;

/// <summary>The composition root of the operator as a program of its own.</summary>
internal static class OperatorHost
{
    /// <summary>Runs until it is cancelled.</summary>
    /// <exception cref="ArgumentException">A setting is not allowed.</exception>
    /// <exception cref="ClusterAccessException">There is no access to a cluster.</exception>
    /// <exception cref="IOException">A part of the operator failed.</exception>
    public static async Task RunAsync(OperatorSettings settings, Func<string, string?> environment, CancellationToken cancellation)
    {
        var options = settings.ToOptions();
        var access = settings.ToAccess(environment, TimeProvider.System);
        using var host = Build(settings, options, access);
        await host.StartAsync(cancellation);
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ending.Token);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            // The host stops by itself only when one of its services has failed, which is told already.
            throw new IOException("A part of the operator failed, as told above.", error);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None);
        }
    }

    private static IHost Build(OperatorSettings settings, BackendOperatorOptions options, ClusterAccess access)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "Osmo.BackendOperator" });
        builder.Configuration.AddEnvironmentVariables();
        if (OtlpExport.IsWanted(builder.Configuration))
        {
            builder.Services.AddHostedService<OtlpExport>();
        }

        builder.Logging.SetMinimumLevel(settings.LogLevel)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("System.Net.Http", LogLevel.Warning)
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
            });
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        // Signals are the command line's.
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.AddSingleton<ICluster>(
            provider => new KubernetesCluster(access, settings.Api, TimeProvider.System, provider.GetRequiredService<OperatorMetrics>()));
        builder.Services.AddOsmoBackendOperator(options);
        if (settings.HealthPort is { } port)
        {
            builder.Services.AddSingleton<MetricsPage>();
            builder.Services.AddHostedService(
                provider => new HealthEndpoint(provider.GetRequiredService<ConnectionBoard>(), provider.GetRequiredService<MetricsPage>(), port));
        }

        return builder.Build();
    }

    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
