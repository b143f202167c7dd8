using System.Collections.Immutable;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Logs;

/// <summary>What the log grain knows of the chunks that are stored: enough to number, to drop what came before, and to forget the oldest.</summary>
/// <param name="isLate">True for what comes after the archive.</param>
internal sealed class LogTail(bool isLate = false)
{
    /// <summary>Operators report the same events again and again; beyond so many newer ones a repetition is not noticed.</summary>
    private const int EventsMax = 10_000;

    /// <summary>
    /// Connections of an attempt whose lines are counted, the last ones to be heard of. Only those that still have something on its way must be: one, or two while the runtime changes from one to the next.
    /// </summary>
    private const int ConnectionsMax = 4;

    public const string LogsStream = "logs";
    public const string EventsStream = "events";
    public const string ErrorsStream = "errors";

    private readonly Dictionary<AttemptKey, long> _lines = [];
    private readonly Dictionary<AttemptKey, ImmutableArray<(string Name, long Lines)>> _connections = [];
    private readonly Dictionary<AttemptKey, CollectedErrors> _errors = [];
    private readonly Queue<Stored> _chunks = new();

    /// <summary>The newest event lines, and the same in their order.</summary>
    private readonly HashSet<string> _events = new(StringComparer.Ordinal);
    private readonly Queue<string> _eventsInOrder = new();

    /// <summary>Of the newest chunk; 0 when there was never one.</summary>
    public long Sequence { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Sequence of the oldest chunk that is kept; beyond the newest when there is none.</summary>
    public long First => _chunks.TryPeek(out var oldest) ? oldest.Sequence : Sequence + 1;

    /// <summary>True when the text that ends the log is there.</summary>
    public bool HasClosing => _chunks.Any(chunk => chunk is { Attempt.Task: "", Stream: LogsStream });

    /// <summary>Numbered lines of the attempt.</summary>
    public long Lines(AttemptKey attempt) => _lines.GetValueOrDefault(attempt);

    /// <summary>Lines that came over this connection of the attempt.</summary>
    public long Lines(AttemptKey attempt, string connection) => ConnectionsOf(attempt).FirstOrDefault(known => known.Name == connection).Lines;

    /// <summary>The newest errors of the attempt; null when none were collected.</summary>
    public CollectedErrors? Errors(AttemptKey attempt) => _errors.GetValueOrDefault(attempt);

    /// <summary>True when repetitions of the events in the archive are noticed.</summary>
    public bool KnowsArchivedEvents { get; private set; } = !isLate;

    /// <summary>
    /// What tells one event from another. After the archive that is not its time: operators that start tell what the cluster still remembers, and upstream's gives the time
    /// at which it looked to events that have none of their own. What has been said of a pod that has ended is no news then.
    /// </summary>
    public string Identity(string eventLine) => isLate && eventLine.IndexOf(" [", StringComparison.Ordinal) is >= 0 and var task ? eventLine[task..] : eventLine;

    public bool HasEvent(string line) => _events.Contains(Identity(line));

    public void Add(long sequence, LogChunk chunk, int bytes)
    {
        var attempt = new AttemptKey(chunk.Task, chunk.RetryId);
        Sequence = sequence;
        Bytes += bytes;
        _chunks.Enqueue(new Stored(sequence, bytes, attempt, chunk.Stream));
        if (chunk is { FirstLine: { } firstError, HandOut: { } handOut })
        {
            _errors[attempt] = new CollectedErrors(handOut, firstError + chunk.Lines);
        }
        else if (chunk is { Connection: { } connection, ConnectionLines: { } lines })
        {
            var others = ConnectionsOf(attempt).Where(known => known.Name != connection);
            _connections[attempt] = [(connection, lines), .. others.Take(ConnectionsMax - 1)];
        }
        else if (chunk.FirstLine is { } first)
        {
            _lines[attempt] = first + chunk.Lines;
        }

        if (chunk.Stream == EventsStream)
        {
            AddEvents(LinesOf(chunk.Text));
        }
    }

    public static string[] LinesOf(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The oldest chunks, as many as must go for <paramref name="more"/> bytes to fit.</summary>
    public List<long> Surplus(int more, long bytesMax)
    {
        var surplus = new List<long>();
        var bytes = Bytes + more;
        foreach (var chunk in _chunks)
        {
            if (bytes <= bytesMax)
            {
                break;
            }

            bytes -= chunk.Bytes;
            surplus.Add(chunk.Sequence);
        }

        return surplus;
    }

    public List<long> Of(string stream, AttemptKey attempt) =>
        [.. _chunks.Where(chunk => chunk.Stream == stream && chunk.Attempt == attempt).Select(chunk => chunk.Sequence)];

    public IEnumerable<long> Of(string stream) => _chunks.Where(chunk => chunk.Stream == stream).Select(chunk => chunk.Sequence);

    public ILookup<AttemptKey, long> ByAttempt(string stream) =>
        _chunks.Where(chunk => chunk.Stream == stream).ToLookup(chunk => chunk.Attempt, chunk => chunk.Sequence);

    /// <summary>What comes after the archive, elsewhere: no chunks yet, but what was said is remembered.</summary>
    public LogTail AfterArchive()
    {
        var after = new LogTail(isLate: true) { KnowsArchivedEvents = true };
        foreach (var (attempt, lines) in _lines)
        {
            after._lines[attempt] = lines;
        }

        foreach (var (attempt, connections) in _connections)
        {
            after._connections[attempt] = connections;
        }

        foreach (var (attempt, errors) in _errors)
        {
            after._errors[attempt] = errors;
        }

        after.AddEvents(_eventsInOrder);
        return after;
    }

    /// <summary>Whatever the archive could tell of them; it is not asked again.</summary>
    public void AddArchivedEvents(IEnumerable<string> lines)
    {
        AddEvents(lines);
        KnowsArchivedEvents = true;
    }

    /// <summary>They are not stored any more.</summary>
    public void Remove(IReadOnlyCollection<long> sequences)
    {
        var gone = sequences.ToHashSet();

        // At the cap every append removes the oldest: that must not cost a walk over all that stay.
        while (_chunks.TryPeek(out var oldest) && gone.Remove(oldest.Sequence))
        {
            Bytes -= _chunks.Dequeue().Bytes;
        }

        for (var left = gone.Count == 0 ? 0 : _chunks.Count; left > 0; left--)
        {
            var chunk = _chunks.Dequeue();
            if (gone.Contains(chunk.Sequence))
            {
                Bytes -= chunk.Bytes;
            }
            else
            {
                _chunks.Enqueue(chunk);
            }
        }
    }

    private ImmutableArray<(string Name, long Lines)> ConnectionsOf(AttemptKey attempt) => _connections.GetValueOrDefault(attempt, []);

    private void AddEvents(IEnumerable<string> lines)
    {
        foreach (var line in lines.Select(Identity).Where(_events.Add))
        {
            _eventsInOrder.Enqueue(line);
            if (_eventsInOrder.Count > EventsMax)
            {
                _events.Remove(_eventsInOrder.Dequeue());
            }
        }
    }

    private readonly record struct Stored(long Sequence, int Bytes, AttemptKey Attempt, string Stream);
}

/// <param name="HandOut">Of the job that collected them.</param>
/// <param name="Lines">How many of its lines are stored.</param>
internal sealed record CollectedErrors(string HandOut, long Lines);
