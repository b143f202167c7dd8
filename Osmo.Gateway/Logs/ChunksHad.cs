namespace Osmo.Gateway.Logs;

/// <summary>
/// What a reader has had of the chunks that are still kept. The oldest chunks of a long log go before the archive, so it is not everything
/// the reader has had that the archive begins with.
/// </summary>
internal sealed class ChunksHad
{
    private readonly Queue<(long Sequence, int Bytes)> _chunks = new();

    /// <summary>Of the chunks that are kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>True when the reader has had nothing of its stream.</summary>
    public bool IsEmpty { get; private set; } = true;

    public void Add(long sequence, int bytes)
    {
        if (bytes > 0)
        {
            _chunks.Enqueue((sequence, bytes));
            Bytes += bytes;
            IsEmpty = false;
        }
    }

    /// <summary>The chunks before <paramref name="first"/> are gone.</summary>
    public void Forget(long first)
    {
        while (_chunks.TryPeek(out var oldest) && oldest.Sequence < first)
        {
            Bytes -= _chunks.Dequeue().Bytes;
        }
    }
}
