using Microsoft.Extensions.Hosting;
using Osmo.Grains.Interfaces;

namespace Osmo.Silo;

/// <summary>Starts the watch over deadlines once the silo is up; its reminder keeps it alive from then on.</summary>
internal sealed class WakeStartup(IGrainFactory grains) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => grains.GetGrain<IWakeGrain>(IWakeGrain.Key).Start();

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
