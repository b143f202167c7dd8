namespace Osmo.Testing;

/// <summary>
/// The time that has passed, and with it the time of day, can be put forward or stopped; so can the time of day alone be put forward, and back. Timers run in real time on either engine, so
/// nothing of an engine's own timing is disturbed.
/// </summary>
public sealed class SteppedClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly DateTimeOffset _startTime = System.GetUtcNow();
    private readonly long _start = RealTicks;
    private long _passedTicks;
    private long _correctedTicks;

    /// <summary>When it was stopped; null while it runs.</summary>
    private long? _stoppedAt;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private static long RealTicks => System.GetElapsedTime(0, System.GetTimestamp()).Ticks;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _startTime.AddTicks(Timestamp - _start + _correctedTicks);
        }
    }

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return Timestamp;
        }
    }

    private long Timestamp => (_stoppedAt ?? RealTicks) + _passedTicks;

    /// <summary>So much time passes at once.</summary>
    public void Advance(TimeSpan by)
    {
        lock (_lock)
        {
            _passedTicks += by.Ticks;
        }
    }

    /// <summary>The clock is put right, forward or (negative) back; no time passes.</summary>
    public void Correct(TimeSpan by)
    {
        lock (_lock)
        {
            _correctedTicks += by.Ticks;
        }
    }

    /// <summary>Until this is disposed no time passes but what <see cref="Advance"/> says: however long the machine takes, nothing is over before the test says so.</summary>
    public IDisposable StandStill()
    {
        lock (_lock)
        {
            _stoppedAt = _stoppedAt is null ? RealTicks : throw new InvalidOperationException("The clock stands still already.");
            return new Stop(this);
        }
    }

    private void GoOn()
    {
        lock (_lock)
        {
            _passedTicks -= RealTicks - _stoppedAt!.Value;
            _stoppedAt = null;
        }
    }

    private sealed class Stop(SteppedClock clock) : IDisposable
    {
        private bool _isOver;

        public void Dispose()
        {
            if (!_isOver)
            {
                _isOver = true;
                clock.GoOn();
            }
        }
    }
}
