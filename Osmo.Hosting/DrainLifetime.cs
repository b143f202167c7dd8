using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Osmo.Hosting.Settings;

namespace Osmo.Hosting;

/// <summary>
/// A signal starts draining, and stops the host after <see cref="ProcessSettings.DrainDelay"/>: whoever sends work here by what the readiness says has stopped by then. A
/// second signal stops it at once.
/// </summary>
internal sealed partial class DrainLifetime(
    Draining draining, IHostApplicationLifetime application, ProcessSettings settings, TimeProvider time, ILogger<DrainLifetime> logger)
    : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];
    private ITimer? _delay;
    private int _heard;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, Heard));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _delay?.Dispose();
    }

    private void Heard(PosixSignalContext context)
    {
        context.Cancel = true;
        draining.Start();
        if (Interlocked.Increment(ref _heard) > 1 || settings.DrainDelay == TimeSpan.Zero || !application.ApplicationStarted.IsCancellationRequested)
        {
            application.StopApplication();
            return;
        }

        LogDraining(context.Signal, settings.DrainDelay.TotalSeconds);
        _delay = time.CreateTimer(static host => ((IHostApplicationLifetime)host!).StopApplication(), application, settings.DrainDelay, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(1, LogLevel.Information, "{Signal}: not ready any more; stopping in {Seconds} s.")]
    private partial void LogDraining(PosixSignal signal, double seconds);
}
