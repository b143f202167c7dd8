using System.Buffers;
using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.User;

/// <summary>Cuts a stream of bytes into lines (contract: runtime-protocol §5).</summary>
/// <remarks>
/// A line ends at <c>\n</c>; one <c>\r</c> before it is dropped. Without a line end, 32 KiB make a line, cut so that no UTF-8 character is
/// torn. What is left at the end is a line.
/// </remarks>
internal sealed class LineSplitter
{
    private const int LongestCharacterBytes = 4;

    private readonly ArrayBufferWriter<byte> _rest = new();
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly List<int> _lengths = [];

    /// <summary>The lines found by the last call, one after another without ends.</summary>
    public ReadOnlySpan<byte> Text => _text.WrittenSpan;

    /// <summary>Length of each line in <see cref="Text"/>.</summary>
    public ReadOnlySpan<int> Lengths => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_lengths);

    public void Push(ReadOnlySpan<byte> bytes)
    {
        Clear();
        for (var end = bytes.IndexOf((byte)'\n'); end >= 0; end = bytes.IndexOf((byte)'\n'))
        {
            PushUnended(bytes[..end]);
            EndLine();
            bytes = bytes[(end + 1)..];
        }

        PushUnended(bytes);
    }

    /// <summary>No more bytes will come.</summary>
    public void Finish()
    {
        Clear();
        if (_rest.WrittenCount > 0)
            Emit(_rest.WrittenSpan);
        _rest.ResetWrittenCount();
    }

    private void PushUnended(ReadOnlySpan<byte> bytes)
    {
        // One byte more may be the \r of a line of exactly the allowed length.
        while (_rest.WrittenCount + bytes.Length > LoggerProtocol.MaximumLineBytes + 1)
        {
            var taken = LoggerProtocol.MaximumLineBytes - _rest.WrittenCount;
            _rest.Write(bytes[..int.Max(taken, 0)]);
            bytes = bytes[int.Max(taken, 0)..];
            CutLongLine();
        }

        _rest.Write(bytes);
    }

    private void CutLongLine()
    {
        var line = _rest.WrittenSpan[..LoggerProtocol.MaximumLineBytes];
        var cut = CharacterBoundary(line);
        Emit(line[..cut]);
        var torn = _rest.WrittenSpan[cut..].ToArray();
        _rest.ResetWrittenCount();
        _rest.Write(torn);
    }

    private void EndLine()
    {
        var line = _rest.WrittenSpan;
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        if (line.Length > LoggerProtocol.MaximumLineBytes)
        {
            CutLongLine();
            line = _rest.WrittenSpan;
        }

        Emit(line);
        _rest.ResetWrittenCount();
    }

    private void Emit(ReadOnlySpan<byte> line)
    {
        _text.Write(line);
        _lengths.Add(line.Length);
    }

    private void Clear()
    {
        _text.ResetWrittenCount();
        _lengths.Clear();
    }

    /// <summary>Where the last whole character ends; the whole length when the bytes are no UTF-8.</summary>
    private static int CharacterBoundary(ReadOnlySpan<byte> line)
    {
        for (var back = 1; back <= LongestCharacterBytes; back++)
        {
            var value = line[^back];
            if ((value & 0xC0) == 0x80)
                continue;
            var need = value switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, _ => 1 };
            return need > back ? line.Length - back : line.Length;
        }

        return line.Length;
    }
}
