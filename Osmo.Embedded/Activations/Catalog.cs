using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;

namespace Osmo.Embedded.Activations;

/// <summary>All live activations, at most one per grain.</summary>
internal sealed class Catalog(EmbeddedEngine engine)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private volatile bool _closed;

    public IEnumerable<Activation> All => _activations.Values;

    /// <exception cref="OrleansMessageRejectionException">The engine is stopping and the grain is not active.</exception>
    public Activation GetOrAdd(GrainId id, GrainClass grainClass)
    {
        if (_activations.TryGetValue(id, out var activation)) return activation;
        if (_closed) throw new OrleansMessageRejectionException($"The engine is stopping; {id} is not activated any more.");

        return _activations.GetOrAdd(id, static (id, arg) => new Activation(arg.engine, arg.grainClass, id), (engine, grainClass));
    }

    public void Remove(Activation activation) => _activations.TryRemove(new(activation.GrainId, activation));

    /// <summary>Admits no further activations and ends the present ones. Completes when all are gone.</summary>
    public Task Close()
    {
        _closed = true;
        var ending = _activations.Values.ToArray();
        foreach (var activation in ending)
        {
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ShuttingDown, "The engine is stopping."));
        }

        return Task.WhenAll(ending.Select(activation => activation.Deactivated));
    }
}
