using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.Grains.Interfaces;

namespace Osmo.Silo;

/// <summary>
/// Starts the watch over deadlines once the silo is up, and looks after it: its reminder would keep it alive too, but a silo that dies must not stop it for as long as a
/// reminder takes.
/// </summary>
internal sealed partial class WakeWatch(IGrainFactory grains, FirstCalls calls, TimeProvider time, ILogger<WakeWatch> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;

    private IWakeGrain Watch => grains.GetGrain<IWakeGrain>(IWakeGrain.Key);

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await calls.Make(() => Watch.Start(), cancellationToken);
        _watching = KeepTouching(_stopping.Token);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watching;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task KeepTouching(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellation);
                await Watch.Touch().WaitAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Whatever it is, the next tick tries again.
                LogUnreachable(error);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The watch over deadlines does not answer; it is asked again.")]
    private partial void LogUnreachable(Exception error);
}
