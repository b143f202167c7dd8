namespace Osmo.BackendOperator.Connection;

/// <summary>
/// Passes everything through, but keeps what is written while it gathers: many small frames then travel as few packets, and wake the peer once.
/// </summary>
internal sealed class GatheringStream(Stream inner) : Stream
{
    /// <summary>What is gathered is passed on once it is more than this.</summary>
    private const int GatheredBytesMax = 64 << 10;

    private readonly MemoryStream _gathered = new();
    private bool _isGathering;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on until <see cref="PassOnAsync"/>, writes wait.</summary>
    public void Gather() => _isGathering = true;

    public async ValueTask PassOnAsync(CancellationToken cancellation)
    {
        _isGathering = false;
        await WriteGatheredAsync(cancellation);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isGathering && _gathered.Length == 0)
        {
            await inner.WriteAsync(buffer, cancellationToken);
            return;
        }

        _gathered.Write(buffer.Span);
        if (!_isGathering || _gathered.Length > GatheredBytesMax)
        {
            await WriteGatheredAsync(cancellationToken);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask WriteGatheredAsync(CancellationToken cancellation)
    {
        if (_gathered.Length > 0)
        {
            await inner.WriteAsync(_gathered.GetBuffer().AsMemory(0, (int)_gathered.Length), cancellation);
            _gathered.SetLength(0);
        }
    }
}
