namespace Osmo.Embedded.Simulation;

/// <summary>The virtual time as one process sees it.</summary>
internal sealed class VirtualTime(SimulatedProcess process, VirtualClock clock) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => clock.Now;

    public override long GetTimestamp() => clock.Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(process, clock, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>A timer of one process. Its callback is a task of the process.</summary>
internal sealed class VirtualTimer(SimulatedProcess process, VirtualClock clock, TimerCallback callback, object? state) : ITimer
{
    private readonly long _number = clock.NextTimerNumber();
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private bool _disposed;

    public static IComparer<VirtualTimer> ByDueTime { get; } = Comparer<VirtualTimer>.Create((one, other) =>
        one.Due != other.Due ? one.Due.CompareTo(other.Due) : one._number.CompareTo(other._number));

    public SimulatedProcess Process => process;

    /// <summary>Changed by the clock only, while the timer is not armed.</summary>
    public DateTimeOffset Due { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_disposed || !process.IsAlive) return false;

        _period = period;
        clock.Arm(this, dueTime);
        return true;
    }

    public void Fire()
    {
        if (_period > TimeSpan.Zero) clock.Arm(this, _period);
        Task.Factory.StartNew(() => callback(state), CancellationToken.None, TaskCreationOptions.None, process.Tasks);
    }

    public void Dispose()
    {
        _disposed = true;
        clock.Disarm(this);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }
}
