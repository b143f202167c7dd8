using System.Text;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Logs;

/// <summary>The texts of some chunks, one after the other, as UTF-8. One of them is in memory at a time.</summary>
internal sealed class ChunkStream(IReadOnlyList<long> sequences, Func<long, Task<LogChunk>> read) : Stream
{
    private int _next;
    private ReadOnlyMemory<byte> _text;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Fill(cancellationToken);
        var count = Math.Min(buffer.Length, _text.Length);
        _text[..count].CopyTo(buffer);
        _text = _text[count..];
        return count;
    }

    /// <summary>Unlike the framework's, this stays in the turns of the grain.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        while (await Fill(cancellationToken))
        {
            await destination.WriteAsync(_text, cancellationToken);
            _text = default;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Chunks are read without blocking.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Reads on until there is some text; false when none is left.</summary>
    private async ValueTask<bool> Fill(CancellationToken cancellation)
    {
        while (_text.IsEmpty && _next < sequences.Count)
        {
            cancellation.ThrowIfCancellationRequested();
            _text = Encoding.UTF8.GetBytes((await read(sequences[_next])).Text);
            _next++;
        }

        return !_text.IsEmpty;
    }
}
