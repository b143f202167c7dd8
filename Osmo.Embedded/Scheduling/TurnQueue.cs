namespace Osmo.Embedded.Scheduling;

/// <summary>A turn that is not a continuation: a message to an activation.</summary>
internal abstract class Turn
{
    /// <summary>Runs inside the queue. What it throws is a bug of the engine.</summary>
    internal abstract void Execute();
}

/// <summary>
/// Runs turns one at a time, in order. It is the <see cref="TaskScheduler"/> of all code in its turns, so what they await continues in later turns.
/// </summary>
internal abstract class TurnQueue(TurnScheduler scheduler) : TaskScheduler, IThreadPoolWorkItem
{
    private readonly TurnScheduler _scheduler = scheduler;
    private readonly Lock _gate = new();
    private readonly Queue<object> _turns = new(); // a Task is a continuation, anything else a Turn
    private bool _scheduled;
    private object? _slice;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>How many turns are ready, as of some moment just now.</summary>
    protected int QueueLength => _turns.Count;

    void IThreadPoolWorkItem.Execute()
    {
        if (RunSlice()) _scheduler.Schedule(this);
    }

    /// <summary>Runs some turns; true when more are left and the queue must be run again.</summary>
    internal bool RunSlice()
    {
        // A task of this scheduler around the turns makes it the current scheduler for all of them, at the price of one task per slice.
        var slice = new Task<bool>(static queue => ((TurnQueue)queue!).RunTurns(), this);
        _slice = slice;
        slice.RunSynchronously(this);
        return slice.Result;
    }

    internal void Post(Turn turn) => Enqueue(turn);

    protected sealed override void QueueTask(Task task) => Enqueue(task);

    protected sealed override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        (ReferenceEquals(task, _slice) || (!taskWasPreviouslyQueued && ReferenceEquals(Current, this))) && TryExecuteTask(task);

    protected sealed override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate) return [.. _turns.OfType<Task>()];
    }

    /// <summary>A turn threw: a bug of the engine. The queue goes on with the next.</summary>
    protected abstract void OnTurnFailed(Exception exception);

    private void Enqueue(object turn)
    {
        lock (_gate)
        {
            _turns.Enqueue(turn);
            if (_scheduled) return;
            _scheduled = true;
        }

        _scheduler.Schedule(this);
    }

    private bool RunTurns()
    {
        var clean = ExecutionContext.Capture();
        for (var left = _scheduler.TurnsPerSlice; left > 0; left--)
        {
            object? turn;
            lock (_gate)
            {
                if (!_turns.TryDequeue(out turn))
                {
                    _scheduled = false; // from here on another thread may run the next slice; this one has no more turns
                    return false;
                }
            }

            if (turn is Task continuation)
            {
                TryExecuteTask(continuation);
                continue;
            }

            try
            {
                ((Turn)turn).Execute();
            }
#pragma warning disable CA1031 // reported, and no reason to stop the other turns
            catch (Exception exception)
#pragma warning restore CA1031
            {
                OnTurnFailed(exception);
            }

            // What a turn left in async locals is not the next one's business.
            if (clean is not null) ExecutionContext.Restore(clean);
        }

        return true;
    }
}
