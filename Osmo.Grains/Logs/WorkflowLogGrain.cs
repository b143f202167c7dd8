using System.Collections.Immutable;
using System.Text;
using Orleans.Runtime;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Objects;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Logs;

[GrainType("workflow-log")]
public sealed class WorkflowLogGrain(IStateStore store, IObjectStore objects, TimeProvider time) : Grain, IWorkflowLogGrain
{
    /// <summary>What one workflow may keep before its end; beyond it the oldest lines go (contract: lifecycle §18 caps by lines, we by bytes).</summary>
    private const long BytesMax = 64L << 20;

    private static readonly TimeSpan PollTime = TimeSpan.FromSeconds(20);

    private readonly Dictionary<AttemptKey, long> _durableLines = [];

    /// <summary>Event lines that are in the log: operators report the same ones again and again.</summary>
    private readonly HashSet<string> _events = new(StringComparer.Ordinal);

    private readonly Queue<(long Sequence, int Bytes)> _chunks = new();
    private readonly List<LongPoll> _waiting = [];
    private long _sequence;
    private long _bytes;
    private bool _ended;

    private string WorkflowUuid => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var head = await store.Read(new RowKey(RowKind.Workflow, WorkflowUuid), cancellationToken);
        _ended = head is null || DocumentRows.Parse<WorkflowHead>(head).Archived;
        foreach (var row in await store.ReadPartition(RowKind.LogChunk, WorkflowUuid, cancellationToken))
        {
            var chunk = DocumentRows.Parse<LogChunk>(row);
            Remember(long.Parse(row.Key.Id), chunk, row.Document.Length);
        }
    }

    public async Task<long> Append(LogAppend append)
    {
        var attempt = new AttemptKey(append.Task, append.RetryId);
        var durable = _durableLines.GetValueOrDefault(attempt);
        if (_ended)
        {
            return durable + append.LineCount;
        }

        var skip = append.FirstLine is { } first ? (int)Math.Clamp(durable - first, 0, append.LineCount) : 0;
        if (skip == append.LineCount)
        {
            return durable;
        }

        var text = Encoding.UTF8.GetString(append.Text.Span);
        var (lines, left) = append.Stream == LogStream.Events ? NewEvents(text) : (append.LineCount - skip, SkipLines(text, skip));
        if (lines > 0)
        {
            await Write(new LogChunk(Name(append.Stream), append.Task, append.RetryId, append.FirstLine + skip, lines, left));
        }

        return _durableLines.GetValueOrDefault(attempt);
    }

    public async Task<LogPosition> WaitBeyond(long sequence, CancellationToken cancellation)
    {
        if (_sequence <= sequence && !_ended)
        {
            var waiting = new LongPoll(time, PollTime);
            _waiting.Add(waiting);
            await waiting.Wait(cancellation);
            _waiting.Remove(waiting);
        }

        return new LogPosition(_sequence, _ended);
    }

    public Task<long> DurableLines(string task, int retryId) => Task.FromResult(_durableLines.GetValueOrDefault(new AttemptKey(task, retryId)));

    public async Task ClearErrors(ImmutableArray<AttemptKey> attempts)
    {
        var deletes = new List<RowWrite>();
        foreach (var row in await store.ReadPartition(RowKind.LogChunk, WorkflowUuid))
        {
            var chunk = DocumentRows.Parse<LogChunk>(row);
            if (chunk.Stream == Name(LogStream.Errors) && attempts.Contains(new AttemptKey(chunk.Task, chunk.RetryId)))
            {
                deletes.Add(new RowWrite.Delete(row.Key));
            }
        }

        if (deletes.Count > 0)
        {
            await store.Commit(deletes);
        }
    }

    public async Task Archive(LogArchive archive)
    {
        if (_ended)
        {
            return;
        }

        var rows = await store.ReadPartition(RowKind.LogChunk, WorkflowUuid);
        var chunks = rows.Select(DocumentRows.Parse<LogChunk>).ToList();
        if (archive.Closing.Length > 0 && !chunks.Exists(IsClosing))
        {
            var closing = new LogChunk(Name(LogStream.Logs), "", 0, null, archive.Closing.Count(c => c == '\n'), archive.Closing);
            await Write(closing);
            chunks.Add(closing);
        }

        await new LogFiles(objects, archive).Write(chunks);
        _ended = true;
        WakeReaders();
    }

    private static bool IsClosing(LogChunk chunk) => chunk is { Task: "", Stream: "logs" };

    private async Task Write(LogChunk chunk)
    {
        var sequence = _sequence + 1;
        var document = DocumentRows.Write(chunk);
        var writes = new List<RowWrite> { new RowWrite.Insert(new RowKey(RowKind.LogChunk, WorkflowUuid, LogChunk.RowId(sequence)), document) };
        var dropped = 0;
        for (var bytes = _bytes + document.Length; bytes > BytesMax && dropped < _chunks.Count; dropped++)
        {
            var oldest = _chunks.ElementAt(dropped);
            bytes -= oldest.Bytes;
            writes.Add(new RowWrite.Delete(new RowKey(RowKind.LogChunk, WorkflowUuid, LogChunk.RowId(oldest.Sequence))));
        }

        if (await store.Commit(writes) != CommitOutcome.Committed)
        {
            // Another activation wrote this sequence; the next call starts from what is stored.
            DeactivateOnIdle();
            throw new OrleansException($"The log of workflow {WorkflowUuid} was written elsewhere at the same time; try again.");
        }

        for (; dropped > 0; dropped--)
        {
            _bytes -= _chunks.Dequeue().Bytes;
        }

        Remember(sequence, chunk, document.Length);
        WakeReaders();
    }

    private void Remember(long sequence, LogChunk chunk, int bytes)
    {
        _sequence = sequence;
        _bytes += bytes;
        _chunks.Enqueue((sequence, bytes));
        var attempt = new AttemptKey(chunk.Task, chunk.RetryId);
        if (chunk.FirstLine is { } first)
        {
            _durableLines[attempt] = first + chunk.Lines;
        }

        if (chunk.Stream == Name(LogStream.Events))
        {
            _events.UnionWith(Lines(chunk.Text));
        }
    }

    private void WakeReaders()
    {
        foreach (var waiting in _waiting)
        {
            waiting.Wake();
        }
    }

    private static string Name(LogStream stream) => stream switch
    {
        LogStream.Logs => "logs",
        LogStream.Events => "events",
        LogStream.Errors => "errors",
        _ => throw new ArgumentOutOfRangeException(nameof(stream), stream, "Unknown log stream."),
    };

    /// <summary>
    /// What of these lines is not in the log yet. Their times do not tell: several things happen in one second, and reports overtake each other
    /// (contract: backend-protocol §9.4 QUIRK, lifecycle §18 QUIRK).
    /// </summary>
    private (int Count, string Text) NewEvents(string text)
    {
        var lines = Lines(text).Distinct().Where(line => !_events.Contains(line)).ToList();
        return (lines.Count, string.Concat(lines.Select(line => line + "\n")));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string SkipLines(string text, int lines)
    {
        var start = 0;
        for (; lines > 0; lines--)
        {
            start = text.IndexOf('\n', start) + 1;
        }

        return text[start..];
    }
}
