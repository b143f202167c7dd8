using Osmo.Embedded.Calls;

namespace Osmo.Embedded.Enumerations;

/// <summary>The elements of a grain method, as its caller sees them. Nothing is called before the first element is asked for.</summary>
internal sealed class GrainEnumerable<T>(GrainReference grain, EnumerableCall<T> call) : IAsyncEnumerable<T>
{
    public int MaxBatchSize { get; set; } = 100;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new GrainEnumerator<T>(grain, call.Copy(), MaxBatchSize, cancellationToken);
}
