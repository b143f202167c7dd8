using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;

namespace Osmo.Embedded.Activations;

/// <summary>All live activations, at most one per grain.</summary>
internal sealed class Catalog(EmbeddedEngine engine)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private long _activated;
    private volatile bool _closed;

    public int Count => _activations.Count;

    /// <summary>Those that fulfil the condition, oldest first: the order must not depend on hash codes, which differ from run to run.</summary>
    public List<Activation> Where(Func<Activation, bool> condition)
    {
        var found = new List<Activation>();
        foreach (var (_, activation) in _activations)
        {
            if (condition(activation)) found.Add(activation);
        }

        found.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        return found;
    }

    /// <exception cref="OrleansMessageRejectionException">The engine is stopping and the grain is not active.</exception>
    public Activation GetOrAdd(GrainId id, GrainClass grainClass)
    {
        if (_activations.TryGetValue(id, out var activation)) return activation;
        if (_closed) throw new OrleansMessageRejectionException($"The engine is stopping; {id} is not activated any more.");

        return _activations.GetOrAdd(id, id => new Activation(engine, grainClass, id, Interlocked.Increment(ref _activated)));
    }

    public void Remove(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    /// <summary>Admits no further activations and ends the present ones. Completes when all are gone.</summary>
    public Task Close()
    {
        _closed = true;
        var ending = Where(_ => true);
        foreach (var activation in ending)
        {
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The engine is stopping."));
        }

        return Task.WhenAll(ending.Select(activation => activation.Deactivated));
    }
}
