using Osmo.Embedded.Enumerations;

namespace Orleans.Runtime;

public static class AsyncEnumerableExtensions
{
    /// <summary>How many ready elements one round trip may bring; 100 unless told. To be called before <c>WithCancellation</c>.</summary>
    public static IAsyncEnumerable<T> WithBatchSize<T>(this IAsyncEnumerable<T> self, int maxBatchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatchSize, 1);
        if (self is GrainEnumerable<T> enumerable) enumerable.MaxBatchSize = maxBatchSize;
        return self;
    }
}
