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

    private readonly WaitingCalls _readers = new(time);
    private LogTail? _tail;
    private bool _ended;

    private string WorkflowUuid => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken) => await Tail();

    public async Task<long> Append(LogAppend append)
    {
        var tail = await Tail();
        var attempt = new AttemptKey(append.Task, append.RetryId);
        if (_ended)
        {
            // Nobody will read them: the runtime may forget them.
            return Math.Max(tail.Lines(attempt), (append.FirstLine ?? 0) + append.LineCount);
        }

        var skip = append.FirstLine is { } first ? (int)Math.Clamp(tail.Lines(attempt) - first, 0, append.LineCount) : 0;
        var text = Encoding.UTF8.GetString(append.Text.Span);
        var (lines, left) = append.Stream == LogStream.Events ? NewEvents(tail, text) : (append.LineCount - skip, SkipLines(text, skip));
        if (lines > 0)
        {
            await Write(tail, new LogChunk(Name(append.Stream), append.Task, append.RetryId, append.FirstLine + skip, lines, left));
        }

        return tail.Lines(attempt);
    }

    public async Task<LogPosition> WaitBeyond(long sequence, CancellationToken cancellation)
    {
        // It runs between the turns of the writers, so it only looks at what they have found.
        if (Known() <= sequence && !_ended)
        {
            await _readers.Wait(LongPoll.Longest, cancellation);
        }

        return new LogPosition(Known(), _ended);

        long Known() => _tail?.Sequence ?? sequence;
    }

    public async Task<long> DurableLines(string task, int retryId) => (await Tail()).Lines(new AttemptKey(task, retryId));

    public async Task ClearErrors(ImmutableArray<AttemptKey> attempts)
    {
        var tail = await Tail();
        var cleared = tail.Of(Name(LogStream.Errors), attempts);
        if (cleared.Count > 0)
        {
            await store.Commit([.. cleared.Select(Delete)]);
            tail.Remove(cleared);
        }
    }

    public async Task Archive(LogArchive archive)
    {
        var tail = await Tail();
        if (_ended)
        {
            return;
        }

        var rows = await store.ReadPartition(RowKind.LogChunk, WorkflowUuid);
        var chunks = rows.Select(DocumentRows.Parse<LogChunk>).ToList();
        if (archive.Closing.Length > 0 && !chunks.Exists(IsClosing))
        {
            var closing = new LogChunk(Name(LogStream.Logs), "", 0, null, archive.Closing.Count(c => c == '\n'), archive.Closing);
            await Write(tail, closing);
            chunks.Add(closing);
        }

        await new LogFiles(objects, archive).Write(chunks);
        _ended = true;
        _readers.Wake();
    }

    private static bool IsClosing(LogChunk chunk) => chunk is { Task: "", Stream: "logs" };

    /// <summary>What is stored, read again after a write of which nobody knows whether it was made.</summary>
    private async ValueTask<LogTail> Tail()
    {
        if (_tail is { } known)
        {
            return known;
        }

        var head = await store.Read(new RowKey(RowKind.Workflow, WorkflowUuid));
        var tail = new LogTail();
        foreach (var row in await store.ReadPartition(RowKind.LogChunk, WorkflowUuid))
        {
            tail.Add(long.Parse(row.Key.Id), DocumentRows.Parse<LogChunk>(row), row.Document.Length);
        }

        _ended |= head is not null && DocumentRows.Parse<WorkflowHead>(head).Archived;
        return _tail = tail;
    }

    private async Task Write(LogTail tail, LogChunk chunk)
    {
        var key = new RowKey(RowKind.LogChunk, WorkflowUuid, LogChunk.RowId(tail.Sequence + 1));
        var document = DocumentRows.Write(chunk);
        var surplus = tail.Surplus(document.Length, BytesMax);
        var made = false;
        try
        {
            if (await store.Commit([new RowWrite.Insert(key, document), .. surplus.Select(Delete)]) != CommitOutcome.Committed)
            {
                throw new OrleansException($"The log of workflow {WorkflowUuid} was written elsewhere at the same time; try again.");
            }

            made = true;
        }
        catch (StateStoreException)
        {
            // Only this grain writes here. If the chunk is there the commit was made, and adding it once more would double its lines.
            if (await store.Read(key) is not { } row || !row.Document.Span.SequenceEqual(document.Span))
            {
                throw;
            }

            made = true;
        }
        finally
        {
            _tail = made ? tail : null;
        }

        tail.Add(tail.Sequence + 1, chunk, document.Length);
        tail.Remove(surplus);
        _readers.Wake();
    }

    private RowWrite Delete(long sequence) => new RowWrite.Delete(new RowKey(RowKind.LogChunk, WorkflowUuid, LogChunk.RowId(sequence)));

    private static string Name(LogStream stream) => stream switch
    {
        LogStream.Logs => "logs",
        LogStream.Events => LogTail.EventsStream,
        LogStream.Errors => "errors",
        _ => throw new ArgumentOutOfRangeException(nameof(stream), stream, "Unknown log stream."),
    };

    /// <summary>
    /// What of these lines is not in the log yet. Their times do not tell: several things happen in one second, and reports overtake each other
    /// (contract: backend-protocol §9.4 QUIRK, lifecycle §18 QUIRK).
    /// </summary>
    private static (int Count, string Text) NewEvents(LogTail tail, string text)
    {
        var lines = LogTail.LinesOf(text).Distinct().Where(line => !tail.HasEvent(line)).ToList();
        return (lines.Count, string.Concat(lines.Select(line => line + "\n")));
    }

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
