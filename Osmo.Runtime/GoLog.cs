using System.Buffers;
using System.Globalization;
using System.Text;

namespace Osmo.Runtime;

/// <summary>
/// Prints lines as Go's log package does: <c>2026/08/01 10:00:00 text</c>. Error logs of failed tasks show these lines (contract:
/// runtime-protocol §5).
/// </summary>
internal sealed class GoLog(Stream output, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly byte[] _prefix = new byte[20];
    private long _prefixSecond = -1;

    /// <summary>Adds a line; it is printed by the next <see cref="Flush"/>.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            _buffer.Write(Prefix());
            _buffer.Write(line);
            _buffer.Write("\n"u8);
        }
    }

    public void Flush()
    {
        lock (_gate)
        {
            output.Write(_buffer.WrittenSpan);
            output.Flush();
            _buffer.ResetWrittenCount();
        }
    }

    public void Print(string line)
    {
        Append(Encoding.UTF8.GetBytes(line));
        Flush();
    }

    private ReadOnlySpan<byte> Prefix()
    {
        var now = time.GetUtcNow();
        var second = now.ToUnixTimeSeconds();
        if (second != _prefixSecond)
        {
            _prefixSecond = second;
            Encoding.ASCII.GetBytes(now.ToString("yyyy'/'MM'/'dd HH':'mm':'ss' '", CultureInfo.InvariantCulture), _prefix);
        }

        return _prefix;
    }
}
