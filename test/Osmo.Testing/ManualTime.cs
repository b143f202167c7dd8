namespace Osmo.Testing;

/// <summary>A clock that stands still until it is told to go on.</summary>
public sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    /// <summary>Longer than anything takes on a busy machine; only a failing test waits for so long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = start;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ManualTime()
        : this(new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Completes once a timer is set that is due after at most so long.</summary>
    public Task TimerDueWithin(TimeSpan patience) => TimerSet(timer => timer.DueAt <= _now + patience);

    /// <summary>Completes once a timer is set that is due at just that time.</summary>
    public Task TimerDueAt(DateTimeOffset time) => TimerSet(timer => timer.DueAt == time);

    private async Task TimerSet(Predicate<ManualTimer> isExpected)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_timers.Exists(isExpected))
                {
                    return;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(Patience);
        }
    }

    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_lock)
        {
            _now += by;
            due = [.. _timers.Where(timer => timer.DueAt <= _now)];
        }

        foreach (var timer in due)
        {
            timer.Fire();
        }
    }

    private sealed class ManualTimer(ManualTime owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset DueAt { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                _period = period;
                owner._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    DueAt = owner._now + dueTime;
                    owner._timers.Add(this);
                    owner._changed.TrySetResult();
                    owner._changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                return true;
            }
        }

        public void Fire()
        {
            lock (owner._lock)
            {
                // Somebody may have changed or disposed it since it was found due.
                if (DueAt > owner._now || !owner._timers.Contains(this))
                {
                    return;
                }

                Change(_period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan, _period);
            }

            callback(state);
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
