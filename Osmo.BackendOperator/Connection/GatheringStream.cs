namespace Osmo.BackendOperator.Connection;

/// <summary>
/// Passes everything through, but keeps what is written while it gathers: many small frames then travel as few packets, and wake the peer once.
/// </summary>
internal sealed class GatheringStream(Stream inner) : Stream
{
    /// <summary>What is gathered is passed on once it is more than this.</summary>
    private const int GatheredBytesMax = 64 << 10;

    private readonly MemoryStream _gathered = new();

    /// <summary>The WebSocket writes its pings and pongs by itself, at any time.</summary>
    private readonly SemaphoreSlim _turn = new(1);
    private volatile bool _isGathering;

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
        await _turn.WaitAsync(cancellation);
        try
        {
            _isGathering = false;
            await WriteGatheredAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_isGathering)
            {
                _gathered.Write(buffer.Span);
                if (_gathered.Length > GatheredBytesMax)
                {
                    await WriteGatheredAsync(cancellationToken);
                }

                return;
            }

            await inner.WriteAsync(buffer, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is written to asynchronously.");

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
            _turn.Dispose();
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
