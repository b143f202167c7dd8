namespace Osmo.Embedded.Simulation;

/// <summary>The time of a simulation and the timers that are armed. It moves only when told.</summary>
internal sealed class VirtualClock(DateTimeOffset start)
{
    private readonly Lock _gate = new();
    private readonly SortedSet<VirtualTimer> _armed = new(VirtualTimer.ByDueTime);
    private long _timers;

    public DateTimeOffset Now { get; private set; } = start;

    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate) return _armed.Min?.Due;
        }
    }

    /// <summary>Timers due at the same time are told apart by their age, and fire in any order.</summary>
    public long NextTimerNumber() => Interlocked.Increment(ref _timers);

    public void Arm(VirtualTimer timer, TimeSpan dueTime)
    {
        lock (_gate)
        {
            _armed.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan) return;

            timer.Due = Now + dueTime;
            _armed.Add(timer);
        }
    }

    public void Disarm(VirtualTimer timer)
    {
        lock (_gate) _armed.Remove(timer);
    }

    public void Drop(SimulatedProcess process)
    {
        lock (_gate) _armed.RemoveWhere(timer => timer.Process == process);
    }

    public void AdvanceTo(DateTimeOffset time) => Now = time;

    /// <summary>Makes the callbacks of all timers that are due ready.</summary>
    public void FireDue()
    {
        while (true)
        {
            VirtualTimer? timer;
            lock (_gate)
            {
                timer = _armed.Min;
                if (timer is null || timer.Due > Now) return;

                _armed.Remove(timer);
            }

            timer.Fire();
        }
    }
}
