using Osmo.Gateway.Sockets;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>
/// What the messages of one connection give reason to log. Of each kind a few in a minute are said; the others are counted, and the count is said with the next one after the minute,
/// or when the connection ends. So a peer can send what it will: it fills nobody's log.
/// </summary>
internal sealed class ConnectionLog(OperatorLog log, string backend, TimeProvider time)
{
    /// <summary>Messages that are none before the connection ends. A version that we do not know sends other messages, not what is no message.</summary>
    private const int InvalidEnvelopesMax = 1000;

    /// <summary>Lines of the operator's own log in a period.</summary>
    private const int LinesMax = 600;

    /// <summary>Characters of what a peer has sent that are said.</summary>
    private const int TextCharsMax = 2000;

    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<LogCause, Tally> _tallies = [];
    private int _invalidEnvelopes;

    /// <summary>A line of the operator's own log. Operators are chatty: what is information to them is detail here.</summary>
    public void Line(BackendMessage.Logging line)
    {
        var (cause, level) = line.Type switch
        {
            >= LoggingLevel.Error => (LogCause.Line, LogLevel.Warning),
            LoggingLevel.Warning => (LogCause.Line, LogLevel.Information),
            _ => (LogCause.Detail, LogLevel.Debug),
        };
        if (IsSaid(cause, LinesMax))
        {
            log.Said(level, backend, Cut(line.Text), line.WorkflowUuid is { } uuid ? Cut(uuid) : null);
        }
    }

    /// <summary>A message that has no effect.</summary>
    public void Dropped(LogCause cause, string error)
    {
        if (IsSaid(cause))
        {
            log.Dropped(backend, Cut(error));
        }
    }

    /// <summary>What cannot be taken for a message.</summary>
    /// <exception cref="ProtocolViolationException">It was one too many.</exception>
    public void InvalidEnvelope(string error)
    {
        Dropped(LogCause.InvalidEnvelope, error);
        if (++_invalidEnvelopes == InvalidEnvelopesMax)
        {
            throw new ProtocolViolationException($"{InvalidEnvelopesMax} messages of this connection were none.");
        }
    }

    public void NotApplied(Exception exception)
    {
        if (IsSaid(LogCause.NotApplied))
        {
            log.NotApplied(exception, backend);
        }
    }

    public void UnknownTask(string workflowUuid, string taskUuid)
    {
        if (IsSaid(LogCause.UnknownTask))
        {
            log.UnknownTask(backend, Cut(workflowUuid), Cut(taskUuid));
        }
    }

    /// <summary>Says what was only counted so far.</summary>
    public void End()
    {
        lock (_gate)
        {
            foreach (var (cause, tally) in _tallies)
            {
                Count(cause, tally);
            }

            _tallies.Clear();
        }
    }

    private static string Cut(string text) => text.Length <= TextCharsMax ? text : string.Concat(text.AsSpan(0, TextCharsMax), "…");

    private bool IsSaid(LogCause cause, int saidMax = 1)
    {
        lock (_gate)
        {
            if (!_tallies.TryGetValue(cause, out var tally) || time.GetElapsedTime(tally.Since) >= Period)
            {
                Count(cause, tally);
                _tallies[cause] = tally = new Tally(time.GetTimestamp());
            }

            if (tally.Said < saidMax)
            {
                tally.Said++;
                return true;
            }

            tally.Counted++;
            return false;
        }
    }

    private void Count(LogCause cause, Tally? tally)
    {
        if (tally is { Counted: > 0 })
        {
            log.Counted(backend, tally.Counted, cause);
        }
    }

    /// <param name="since">Timestamp of the clock.</param>
    private sealed class Tally(long since)
    {
        public long Since => since;

        public int Said { get; set; }

        public int Counted { get; set; }
    }
}

/// <summary>Why there is something to log of a message.</summary>
internal enum LogCause
{
    /// <summary>A line of the operator's log: a warning or an error.</summary>
    Line = 1,

    /// <summary>Another line of the operator's log.</summary>
    Detail,

    /// <summary>It is no message at all.</summary>
    InvalidEnvelope,

    /// <summary>Its body is not that of its type.</summary>
    InvalidBody,
    UnknownType,

    /// <summary>It belongs on another connection.</summary>
    WrongConnection,

    /// <summary>It is about another backend.</summary>
    OtherBackend,

    /// <summary>It is about a job while there is none.</summary>
    WithoutJob,
    NotApplied,
    UnknownTask,
}
