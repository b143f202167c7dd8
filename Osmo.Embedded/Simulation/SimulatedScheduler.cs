namespace Osmo.Embedded.Simulation;

/// <summary>One thing that was done: a turn of a grain, or a piece of other code between two awaits.</summary>
public readonly record struct SimulatedStep(long Number, DateTimeOffset Time, string Process, string What);

/// <summary>A simulation cannot go on: what it waits for never comes, it never rests, or some of its code left it.</summary>
public sealed class SimulationException : Exception
{
    internal SimulationException(string message) : base(message)
    {
    }
}

/// <summary>
/// Runs processes on the calling thread, in virtual time. Of all that is ready, a seeded random choice goes next, so that a seed names one interleaving, and
/// running it again gives the same one. Time stands still while anything is ready, and then jumps to the next timer.
/// </summary>
/// <remarks>
/// Code of a simulation must stay in it: it takes time from its process, and awaits without <c>ConfigureAwait(false)</c>, <c>Task.Run</c>, real I/O, or
/// <c>Task.WhenAll</c> over tasks that run continuations asynchronously. Where it does not, the continuation arrives from another thread, and the run fails.
/// </remarks>
public sealed class SimulatedScheduler
{
    private const ulong HashSeed = 14695981039346656037;

    private const ulong HashFactor = 1099511628211;

    private readonly Lock _gate = new();
    private readonly List<ReadyWork> _ready = [];
    private readonly VirtualClock _clock;
    private readonly Random _random;
    private int? _thread;
    private string? _escape;

    public SimulatedScheduler(int seed, DateTimeOffset? start = null)
    {
        Seed = seed;
        _random = new Random(seed);
        _clock = new VirtualClock(start ?? new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    public int Seed { get; }

    public DateTimeOffset Now => _clock.Now;

    /// <summary>How many steps were taken.</summary>
    public long Steps { get; private set; }

    /// <summary>More steps than this without a rest are a livelock; 50 million.</summary>
    public long StepsMax { get; init; } = 50_000_000;

    /// <summary>Of all choices and their times: equal for equal runs.</summary>
    public ulong TraceHash { get; private set; } = HashSeed;

    /// <summary>Told of every step before it is taken.</summary>
    public Action<SimulatedStep>? OnStep { get; set; }

    /// <summary>A process of this simulation, which shares nothing with others but the clock.</summary>
    public SimulatedProcess NewProcess(string name) => new(this, _clock, name);

    /// <summary>Runs until nothing is ready; time stands still.</summary>
    public void RunUntilIdle() => Drive(() => { });

    /// <summary>Runs all that happens up to this time.</summary>
    public void AdvanceTo(DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, Now);
        Drive(() =>
        {
            while (_clock.NextDue is { } due && due <= time)
            {
                _clock.AdvanceTo(due);
                Settle();
            }

            _clock.AdvanceTo(time);
        });
    }

    /// <inheritdoc cref="AdvanceTo"/>
    public void AdvanceBy(TimeSpan time) => AdvanceTo(Now + time);

    /// <summary>Runs until the task is completed, and all else that is ready meanwhile; throws what it throws.</summary>
    /// <param name="task">Started in a process of this simulation.</param>
    /// <param name="within">Virtual time it may take; one hour unless told.</param>
    public void RunUntilCompleted(Task task, TimeSpan? within = null)
    {
        var limit = Now + (within ?? TimeSpan.FromHours(1));
        Drive(() =>
        {
            while (!task.IsCompleted)
            {
                var due = _clock.NextDue ?? throw Failure("nothing is ready, no timer runs, and the task is not completed");
                if (due > limit) throw Failure($"the task is not completed by {limit:O}");
                _clock.AdvanceTo(due);
                Settle();
            }
        });
        task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="RunUntilCompleted(Task, TimeSpan?)"/>
    public T RunUntilCompleted<T>(Task<T> task, TimeSpan? within = null)
    {
        RunUntilCompleted((Task)task, within);
        return task.GetAwaiter().GetResult();
    }

    internal void Enqueue(ReadyWork work)
    {
        lock (_gate)
        {
            if (_thread is { } thread && thread != Environment.CurrentManagedThreadId)
            {
                _escape ??= $"{work.What} of {work.Process.Name} was made ready by another thread, at{Environment.NewLine}{Environment.StackTrace}";
            }

            if (work.Process.IsAlive) _ready.Add(work);
        }
    }

    /// <summary>Forgets what is ready in a dead process.</summary>
    internal void Drop(SimulatedProcess process)
    {
        lock (_gate) _ready.RemoveAll(work => work.Process == process);
        _clock.Drop(process);
    }

    private void Drive(Action drive)
    {
        lock (_gate)
        {
            if (_thread is not null) throw new InvalidOperationException("The simulation runs already.");
            _thread = Environment.CurrentManagedThreadId;
        }

        // Code of the simulation would take the context of the caller for its own.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Settle();
            drive();
            Settle();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
            lock (_gate) _thread = null;
        }
    }

    private void Settle()
    {
        for (var steps = 0L; ; steps++)
        {
            _clock.FireDue();
            if (!TryTake(out var work)) return;
            if (steps >= StepsMax) throw Failure($"it took {StepsMax} steps without coming to rest");
            if (work.Process.IsAlive && work.Run()) Enqueue(work);
        }
    }

    private bool TryTake(out ReadyWork work)
    {
        int chosen;
        lock (_gate)
        {
            if (_escape is not null) throw Failure($"its code left it: {_escape}");

            work = default;
            if (_ready.Count == 0) return false;

            chosen = _random.Next(_ready.Count);
            work = _ready[chosen];
            Mix((ulong)_ready.Count);
            _ready[chosen] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
        }

        Mix((ulong)chosen);
        Mix((ulong)Now.Ticks);
        Steps++;
        OnStep?.Invoke(new SimulatedStep(Steps, Now, work.Process.Name, work.What));
        return true;
    }

    private void Mix(ulong value) => TraceHash = (TraceHash ^ value) * HashFactor;

    private SimulationException Failure(string what) => new($"Simulation with seed {Seed} failed at {Now:O}, after {Steps} steps: {what}.");
}
