using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Osmo.Hosting.Settings;
using Osmo.Storage;

namespace Osmo.Hosting;

/// <summary>Runs a program of a cluster to its end: 0 when it was told to stop, 1 with one clear line when it cannot start.</summary>
public static class ServiceProgram
{
    public static async Task<int> Run(string name, Func<IHost> build)
    {
        try
        {
            var host = build();
            await using var disposed = (IAsyncDisposable)host;
            var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            try
            {
                await Start(host);
                await host.WaitForShutdownAsync();
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // Told to stop before it had started: a gateway that waits for a silo, say.
            }

            return 0;
        }
        catch (Exception error) when (Explanation(error) is { } message)
        {
            await Console.Error.WriteLineAsync($"{name}: {message}");
            return 1;
        }
    }

    /// <summary>Starts it; when a part fails to, those that have started (a silo that is a member already) are stopped in good order.</summary>
    public static async Task Start(IHost host, CancellationToken cancellation = default)
    {
        try
        {
            await host.StartAsync(cancellation);
        }
        catch
        {
            // Parts that never started may refuse to stop; why the start failed is what counts.
            await host.StopAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>What a program says that was built for an engine which is one process.</summary>
    public static int NeedsOrleans(string name)
    {
        Console.Error.WriteLine(
            $"{name}: this build has the embedded actor engine, which is one process: run Osmo.Standalone, or build with -p:ActorEngine=Orleans for a cluster of silos and gateways.");
        return 1;
    }

    /// <summary>Wrong settings, and what they name that cannot be used; anything else is a bug and shows where it is.</summary>
    private static string? Explanation(Exception error) => error switch
    {
        SettingsException or StorageConfigurationException or OptionsValidationException => error.Message,
        IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } => error.Message,
        AggregateException { InnerExceptions: [var only] } => Explanation(only),
        _ => null,
    };
}
