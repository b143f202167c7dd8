using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Osmo.Embedded;
using Osmo.Embedded.Simulation;

namespace Osmo.Testing;

/// <summary>A silo in a simulated process. Killing the process is its crash.</summary>
public sealed class SimulatedSilo : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly IHostedService[] _hosted;

    private SimulatedSilo(SimulatedProcess process, ServiceProvider services)
    {
        Process = process;
        _services = services;
        _hosted = [.. services.GetServices<IHostedService>()];
        Grains = services.GetRequiredService<IGrainFactory>();
    }

    public SimulatedProcess Process { get; }

    /// <summary>To be called by code that runs in the process.</summary>
    public IGrainFactory Grains { get; }

    public IServiceProvider Services => _services;

    /// <summary>Makes a silo with these services; <see cref="Start"/> starts it.</summary>
    public static SimulatedSilo Create(
        SimulatedProcess process, Action<EmbeddedEngineOptions> options, Action<IServiceCollection> configure)
    {
        var services = new ServiceCollection();
        configure(services);
        services.AddEmbeddedEngine(options).AddSimulatedProcess(process);
        return new SimulatedSilo(process, services.BuildServiceProvider());
    }

    /// <summary>Starts the hosted services, in the process. The simulation has to be run for it.</summary>
    public Task Start() => Process.Start(async () =>
    {
        foreach (var service in _hosted) await service.StartAsync(CancellationToken.None);
    });

    /// <summary>Stops gracefully, in the process.</summary>
    public Task Stop() => Process.Start(async () =>
    {
        foreach (var service in _hosted.Reverse()) await service.StopAsync(CancellationToken.None);
    });

    public void Dispose() => _services.Dispose();
}
