using Orleans.Runtime;
using Osmo.Embedded.Activations;
using Osmo.Embedded.Enumerations;

namespace Osmo.Embedded.Calls;

/// <summary>Base of the emitted classes that stand for a grain, one class per grain interface.</summary>
internal abstract class GrainReference(EmbeddedEngine engine, GrainClass grainClass, GrainId grainId) : IAddressable
{
    private Activation? _activation;

    public EmbeddedEngine Engine { get; } = engine;

    public GrainId GrainId { get; } = grainId;

    /// <summary>The present activation of the grain; made when there is none.</summary>
    public Activation Activation
    {
        get
        {
            var known = Volatile.Read(ref _activation);
            if (known is { IsGone: false }) return known;

            var present = Engine.Catalog.GetOrAdd(GrainId, grainClass);
            Volatile.Write(ref _activation, present);
            return present;
        }
    }

    public override bool Equals(object? obj) => obj is GrainReference other && other.GetType() == GetType() && other.GrainId == GrainId;

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => $"GrainReference:{GrainId}";

    // The emitted methods make their call object and end in one of these.

    protected internal Task SendTask(Call call)
    {
        call.Send(this);
        return call.Method.IsOneWay ? Task.CompletedTask : call.Promise;
    }

    protected internal Task<TResult> SendTask<TResult>(Call<TResult> call)
    {
        call.Send(this);
        return call.Promise;
    }

    protected internal ValueTask SendValueTask(Call call) => new(SendTask(call));

    protected internal ValueTask<TResult> SendValueTask<TResult>(Call<TResult> call) => new(SendTask(call));

    protected internal IAsyncEnumerable<T> Enumerate<T>(EnumerableCall<T> call) => new GrainEnumerable<T>(this, call);
}
