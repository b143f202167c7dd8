using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Osmo.Embedded.Reminders;

/// <summary>
/// The clock of one reminder. Ticks are due at the start and whole periods after it; those that fall into a tick that still runs, or into a time when
/// no process ran, are not made up for.
/// </summary>
internal sealed partial class LocalReminder : IDisposable
{
    /// <summary>The longest time a timer takes at once; a tick that is farther away is approached in steps.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(30);

    private readonly EmbeddedEngine _engine;
    private readonly ReminderRow _row;
    private readonly ITimer _timer;
    private DateTimeOffset _next;

    public LocalReminder(EmbeddedEngine engine, ReminderRow row)
    {
        _engine = engine;
        _row = row;
        _next = row.StartAt;
        using var unflowed = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        _timer = engine.Time.CreateTimer(static reminder => _ = ((LocalReminder)reminder!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_next < engine.Time.GetUtcNow()) _next = After(engine.Time.GetUtcNow());
        Arm();
    }

    public void Dispose() => _timer.Dispose();

    private async Task OnTimer()
    {
        var now = _engine.Time.GetUtcNow();
        if (now < _next)
        {
            Arm();
            return;
        }

        try
        {
            var grain = _engine.GrainFactory.GetGrain<IRemindable>(_row.Grain);
            await grain.ReceiveReminder(_row.Name, new TickStatus(_row.StartAt.UtcDateTime, _row.Period, now.UtcDateTime));
        }
#pragma warning disable CA1031 // the next tick tries again
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogTickFailed(_engine.Logger, exception, _row.Name, _row.Grain);
        }

        _next = After(_engine.Time.GetUtcNow());
        Arm();
    }

    private DateTimeOffset After(DateTimeOffset now) => now < _row.StartAt
        ? _row.StartAt
        : _row.StartAt + (_row.Period * (Math.Floor((now - _row.StartAt) / _row.Period) + 1));

    private void Arm()
    {
        var wait = _next - _engine.Time.GetUtcNow();
        _timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(30, LogLevel.Warning, "Reminder {Name} of {GrainId} failed; it will be tried again at its next tick.")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, string name, GrainId grainId);
}
