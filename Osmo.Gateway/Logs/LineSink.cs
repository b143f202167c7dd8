using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;

namespace Osmo.Gateway.Logs;

/// <summary>
/// Writes lines to a response: all, or the last N of what is already there and then all; of these those that match (contract: api-rest
/// §9.1).
/// </summary>
internal sealed class LineSink(PipeWriter response, int? last, Regex? query)
{
    /// <summary>Text written before it is sent of itself.</summary>
    private const int UnsentCharsMax = 64 << 10;

    private readonly Queue<string>? _tail = last is { } n ? new Queue<string>(n) : null;
    private bool _following;
    private int _unsent;

    /// <summary>Takes whole lines, each ending in '\n'.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        if (query is null && (_tail is null || _following))
        {
            Send(text);
            return;
        }

        while (!text.IsEmpty)
        {
            var end = text.IndexOf('\n');
            var line = end < 0 ? text : text[..(end + 1)];
            text = text[line.Length..];
            Take(line);
        }
    }

    /// <summary>What is already there has been written; what comes now is new.</summary>
    public void Follow()
    {
        if (_following)
        {
            return;
        }

        _following = true;
        while (_tail is not null && _tail.TryDequeue(out var line))
        {
            Emit(line);
        }
    }

    /// <summary>Sends what was written; false when the client has gone.</summary>
    public async ValueTask<bool> Flush(CancellationToken cancellation)
    {
        _unsent = 0;
        return !(await response.FlushAsync(cancellation)).IsCompleted;
    }

    /// <summary>Sends what was written if it is much.</summary>
    public ValueTask<bool> FlushIfMuch(CancellationToken cancellation) => _unsent < UnsentCharsMax ? new(true) : Flush(cancellation);

    private void Take(ReadOnlySpan<char> line)
    {
        if (_tail is null || _following)
        {
            Emit(line);
            return;
        }

        if (_tail.Count == last)
        {
            _tail.Dequeue();
        }

        _tail.Enqueue(line.ToString());
    }

    private void Emit(ReadOnlySpan<char> line)
    {
        if (query is null || query.IsMatch(line.TrimEnd('\n')))
        {
            Send(line);
        }
    }

    private void Send(ReadOnlySpan<char> text)
    {
        Encoding.UTF8.GetBytes(text, response);
        _unsent += text.Length;
    }
}
