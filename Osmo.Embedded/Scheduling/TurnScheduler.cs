namespace Osmo.Embedded.Scheduling;

/// <summary>Decides when an activation that has something to do gets a thread.</summary>
public abstract class TurnScheduler
{
    private protected TurnScheduler()
    {
    }

    /// <summary>How many turns an activation takes before others get theirs.</summary>
    internal abstract int TurnsPerSlice { get; }

    /// <summary>The queue went from empty to having turns. It is run until <see cref="TurnQueue.RunSlice"/> says that it is empty again.</summary>
    internal abstract void Schedule(TurnQueue queue);

    /// <summary>Runs something that is nobody's turn, later and on its own: it may resume whatever awaits it.</summary>
    internal abstract void Run(Action action);
}

/// <summary>The default: activations run in parallel on the thread pool.</summary>
internal sealed class ThreadPoolScheduler : TurnScheduler
{
    internal override int TurnsPerSlice => 64;

    internal override void Schedule(TurnQueue queue) => ThreadPool.UnsafeQueueUserWorkItem(queue, preferLocal: true);

    internal override void Run(Action action) => ThreadPool.UnsafeQueueUserWorkItem(static action => action(), action, preferLocal: false);
}
