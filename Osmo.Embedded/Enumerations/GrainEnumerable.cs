namespace Osmo.Embedded.Enumerations;

/// <summary>The elements of a grain method that returns <see cref="IAsyncEnumerable{T}"/>.</summary>
internal abstract class GrainEnumerable<T>
{
    public int MaxBatchSize { get; set; } = 100;
}
