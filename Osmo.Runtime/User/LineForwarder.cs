using Osmo.Protocol.Runtime;
using Osmo.Runtime.PodSocket;

namespace Osmo.Runtime.User;

/// <summary>Sends what the command prints on one stream, line by line, to ctrl and to the container's log.</summary>
internal sealed class LineForwarder(LogStream stream, PodMessageWriter ctrl, GoLog log)
{
    private readonly LineSplitter _splitter = new();

    /// <summary>Takes the next bytes; none means the end.</summary>
    public void Consume(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            _splitter.Finish();
        else
            _splitter.Push(bytes);
        var text = _splitter.Text;
        var lengths = _splitter.Lengths;
        if (lengths.IsEmpty)
            return;
        ctrl.Send(stream, text, lengths);
        foreach (var length in lengths)
        {
            log.Append(text[..length]);
            text = text[length..];
        }

        log.Flush();
    }
}
