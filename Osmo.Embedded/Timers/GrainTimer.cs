using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Embedded.Activations;

namespace Osmo.Embedded.Timers;

/// <summary>
/// A timer of an activation. It is a request to the activation, posted anew for each tick; while a tick is posted or runs, changes wait for its end,
/// so there is never more than one.
/// </summary>
internal sealed partial class GrainTimer : IGrainTimer
{
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly CancellationTokenSource _disposed = new();
    private readonly ITimer _clock;
    private readonly Tick _tick;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _changed;
    private volatile bool _ticking;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _tick = new Tick(this, options);
        using var unflowed = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _clock = activation.Engine.Time.CreateTimer(
            static timer => ((GrainTimer)timer!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        (_dueTime, _period, _changed) = (dueTime, period, true);
        if (!_ticking) Arm(dueTime);
    }

    public void Dispose()
    {
        if (_disposed.IsCancellationRequested) return;

        _clock.Dispose();
        _disposed.Cancel();
        _activation.TimerDisposed(this);
    }

    private static void Check(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time.TotalMilliseconds, uint.MaxValue - 1, name);
    }

    private void OnDue()
    {
        _ticking = true;
        _tick.PostTo(_activation);
    }

    private void OnTickEnded()
    {
        _ticking = false;
        Arm(_changed ? _dueTime : _period);
    }

    private void Arm(TimeSpan time)
    {
        if (!_disposed.IsCancellationRequested) _clock.Change(time, Timeout.InfiniteTimeSpan);
    }

    private sealed class Tick(GrainTimer timer, GrainTimerCreationOptions options) : Request
    {
        public override bool MayMoveToAnotherActivation => false;

        public override bool CountsAsUse { get; } = options.KeepAlive;

        public override bool IsMoot => timer._disposed.IsCancellationRequested;

        public bool Interleaves { get; } = options.Interleave;

        public override void Reject(Exception reason)
        {
            // The activation has ended, and the timer with it.
        }

        public override Interleaving DefaultInterleaving => Interleaves ? Interleaving.Free : Interleaving.Exclusive;

        protected override Task Run(Activation activation)
        {
            RequestContext.Clear();
            timer._changed = false;
            return timer._callback(timer._disposed.Token);
        }

        protected override void Answer(Task work)
        {
            if (work.Exception?.InnerException is { } exception)
            {
                LogTickFailed(timer._activation.Engine.Logger, exception, timer._activation.GrainId);
            }

            timer.OnTickEnded();
        }
    }

    [LoggerMessage(10, LogLevel.Warning, "A timer of {GrainId} failed; it goes on ticking.")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, GrainId grainId);
}
