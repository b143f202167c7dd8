using Osmo.Embedded.Scheduling;

namespace Osmo.Embedded.Activations;

/// <summary>
/// Asks activations that nobody used for the collection age to end. It counts time in its own rounds, so that a call costs no look at the clock:
/// an activation ends between one collection age and one more quantum after its last use.
/// </summary>
internal sealed class ActivationCollector : IDisposable
{
    private readonly EmbeddedEngine _engine;
    private readonly long _epochsToAge;
    private readonly long _epochsToAbandon;
    private readonly ITimer _timer;
    private long _epoch;

    public ActivationCollector(EmbeddedEngine engine)
    {
        _engine = engine;
        var quantum = engine.Options.CollectionQuantum;
        _epochsToAge = (long)Math.Ceiling(engine.Options.CollectionAge / quantum) + 1;
        _epochsToAbandon = (long)Math.Ceiling(engine.Options.EnumerationAge / quantum) + 1;
        _timer = engine.Time.CreateTimer(
            static collector => ((ActivationCollector)collector!).Round(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The number of the round.</summary>
    public long Epoch => Volatile.Read(ref _epoch);

    public void Start() => _timer.Change(_engine.Options.CollectionQuantum, _engine.Options.CollectionQuantum);

    /// <summary>Unused for the collection age.</summary>
    public bool IsOld(long lastUse) => Epoch - lastUse >= _epochsToAge;

    /// <summary>An enumeration that was last asked for elements then is abandoned.</summary>
    public bool IsAbandoned(long lastPull) => Epoch - lastPull >= _epochsToAbandon;

    public void Dispose() => _timer.Dispose();

    private void Round()
    {
        Interlocked.Increment(ref _epoch);
        foreach (var activation in _engine.Catalog.Where(static activation => activation.MayBeIdle || activation.HasSessions))
        {
            activation.Post(new CollectTurn(activation));
        }
    }

    private sealed class CollectTurn(Activation activation) : Turn
    {
        internal override void Execute() => activation.Collect();
    }
}
