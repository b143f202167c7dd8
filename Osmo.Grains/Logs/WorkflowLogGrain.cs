using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Objects;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Logs;

/// <summary>
/// Chunks are rows until the archive. What comes after it (a pod may take its time to end) becomes rows of a partition of its own, which readers
/// read behind the archive: nothing that was acknowledged is lost.
/// </summary>
[GrainType("workflow-log")]
public sealed partial class WorkflowLogGrain(
    IStateStore store, IWorkflowQueries queries, IObjectStore objects, TimeProvider time, ILogger<WorkflowLogGrain> logger)
    : Grain, IWorkflowLogGrain
{
    /// <summary>What one workflow may keep before its end, and once more after it; beyond it the oldest lines go (contract: lifecycle §18 caps by lines, we by bytes).</summary>
    private const long BytesMax = 64L << 20;

    /// <summary>Chunks read at once.</summary>
    private const int PageChunks = 64;

    /// <summary>How long events wait for those in the archive: other workflows' wait behind them.</summary>
    private static readonly TimeSpan ArchiveReadMax = TimeSpan.FromSeconds(3);

    private readonly WaitingCalls _readers = new(time);
    private LogTail? _tail;

    /// <summary>How the log ended; null while it has not.</summary>
    private LogPosition? _end;

    /// <summary>Of the workflow, once its log is archived.</summary>
    private string? _archivedId;

    private string WorkflowUuid => this.GetPrimaryKeyString();

    private string Partition => _end is null ? WorkflowUuid : LogChunk.LatePartition(WorkflowUuid);

    public override async Task OnActivateAsync(CancellationToken cancellationToken) => await Tail();

    public async Task<long> Append(LogAppend append)
    {
        var tail = append.Stream == LogStream.Events ? await TailWithEvents() : await Tail();
        var attempt = new AttemptKey(append.Task, append.RetryId);
        if (append is { HandOut: { } handOut, FirstLine: { } firstError })
        {
            return await AppendErrors(tail, attempt, append, handOut, firstError);
        }

        var skip = append switch
        {
            { Connection: { } place } => Known(tail.Lines(attempt, place.Name), place.FirstLine, append),
            { FirstLine: { } first } => Known(tail.Lines(attempt), first, append),
            _ => 0,
        };
        var text = Encoding.UTF8.GetString(append.Text.Span);
        var (lines, left) = append.Stream == LogStream.Events ? NewEvents(tail, text, []) : (append.LineCount - skip, SkipLines(text, skip));
        if (lines > 0)
        {
            var chunk = new LogChunk(Name(append.Stream), append.Task, append.RetryId, append.FirstLine + skip, lines, left)
            {
                Connection = append.Connection?.Name,
                ConnectionLines = append.Connection?.FirstLine + append.LineCount,
            };
            await Write(tail, [chunk]);
        }

        return tail.Lines(attempt);
    }

    public async Task AppendEvents(ImmutableArray<LogAppend> events)
    {
        var tail = await TailWithEvents();
        var among = new HashSet<string>(StringComparer.Ordinal);
        var chunks = new List<LogChunk>(events.Length);
        foreach (var append in events)
        {
            if (NewEvents(tail, Encoding.UTF8.GetString(append.Text.Span), among) is { Count: > 0 } news)
            {
                chunks.Add(new LogChunk(Name(LogStream.Events), append.Task, append.RetryId, null, news.Count, news.Text));
            }
        }

        if (chunks.Count > 0)
        {
            await Write(tail, chunks);
        }
    }

    public async Task<LogPosition> WaitBeyond(long sequence, CancellationToken cancellation)
    {
        // It runs between the turns of the writers, so it only looks at what they have found.
        if (_end is null && (_tail?.Sequence ?? sequence) <= sequence)
        {
            await _readers.Wait(LongPoll.Longest, cancellation);
        }

        return _end ?? new LogPosition(_tail?.Sequence ?? sequence, Ended: false) { First = _tail?.First ?? 1 };
    }

    public async Task<long> DurableLines(string task, int retryId) => (await Tail()).Lines(new AttemptKey(task, retryId));

    public async Task<long> Archive(LogArchive archive)
    {
        var tail = await Tail();
        if (_end is { } end)
        {
            return end.First;
        }

        if (archive.Closing.Length > 0 && !tail.HasClosing)
        {
            await Write(tail, [new LogChunk(Name(LogStream.Logs), "", 0, null, archive.Closing.Count(c => c == '\n'), archive.Closing)]);
        }

        await Task.WhenAll(new LogFiles(objects, archive, ReadChunk).Write(tail), WriteSpec(archive.WorkflowId));
        _end = new LogPosition(tail.Sequence, Ended: true) { First = tail.First };
        _archivedId = archive.WorkflowId;
        _tail = tail.AfterArchive();
        _readers.Wake();
        return _end.First;
    }

    private async Task WriteSpec(string workflowId)
    {
        if (await store.Read(new RowKey(RowKind.Spec, WorkflowUuid)) is { } spec)
        {
            await SpecFiles.Write(objects, workflowId, DocumentRows.Parse<SpecDocument>(spec));
        }
    }

    /// <summary>
    /// The pods may be gone when a job is handed out once more, so what an earlier hand-out collected stays until a later one has something, and goes in the same commit.
    /// </summary>
    private async Task<long> AppendErrors(LogTail tail, AttemptKey attempt, LogAppend append, string handOut, long first)
    {
        var stored = tail.Errors(attempt);
        var isAnothers = stored is not null && stored.HandOut != handOut;
        if (isAnothers && first > 0)
        {
            return 0;
        }

        var skip = stored is null || isAnothers ? 0 : Known(stored.Lines, first, append);
        if (skip < append.LineCount)
        {
            var text = SkipLines(Encoding.UTF8.GetString(append.Text.Span), skip);
            var chunk = new LogChunk(Name(append.Stream), append.Task, append.RetryId, first + skip, append.LineCount - skip, text) { HandOut = handOut };
            await Write(tail, [chunk], isAnothers ? tail.Of(Name(append.Stream), attempt) : []);
        }

        return tail.Errors(attempt)?.Lines ?? 0;
    }

    /// <summary>How many of the lines, the first of which has this number, are among those that are stored.</summary>
    private static int Known(long stored, long first, LogAppend append) => (int)Math.Clamp(stored - first, 0, append.LineCount);

    private async Task<LogChunk> ReadChunk(long sequence) =>
        await store.Read(Key(sequence)) is { } row
            ? DocumentRows.Parse<LogChunk>(row)
            : throw new OrleansException($"Chunk {sequence} of the log of workflow {WorkflowUuid} has gone.");

    /// <summary>What is stored, read again after a write of which nobody knows whether it was made.</summary>
    private async ValueTask<LogTail> Tail()
    {
        if (_tail is { } known)
        {
            return known;
        }

        if (_end is null
            && await store.Read(new RowKey(RowKind.Workflow, WorkflowUuid)) is { } row
            && DocumentRows.Parse<WorkflowHead>(row) is { Archived: true } head)
        {
            _end = new LogPosition(0, Ended: true) { First = head.LogsFrom ?? 1 };
            _archivedId = head.WorkflowId;
        }

        var tail = new LogTail(isLate: _end is not null);
        IReadOnlyList<Row> page;
        do
        {
            page = await queries.LogChunks(Partition, tail.Sequence == 0 ? "" : LogChunk.RowId(tail.Sequence), PageChunks);
            foreach (var chunk in page)
            {
                tail.Add(long.Parse(chunk.Key.Id), DocumentRows.Parse<LogChunk>(chunk), chunk.Document.Length);
            }
        }
        while (page.Count == PageChunks);
        return _tail = tail;
    }

    /// <summary>
    /// A listener that starts reports the events of the last hour, also those of workflows that were archived before this grain was activated. Object storage that is away
    /// must not hold up the events of all others: then lines may be there twice.
    /// </summary>
    private async ValueTask<LogTail> TailWithEvents()
    {
        var tail = await Tail();
        if (_archivedId is not { } workflowId || tail.KnowsArchivedEvents)
        {
            return tail;
        }

        List<string> archived = [];
        try
        {
            using var deadline = new CancellationTokenSource(ArchiveReadMax, time);
            archived = await LogFiles.Events(objects, workflowId, deadline.Token);
        }
        catch (Exception e)
        {
            LogArchiveUnreadable(logger, e, workflowId);
        }

        tail.AddArchivedEvents(archived);
        return tail;
    }

    private Task Write(LogTail tail, IReadOnlyList<LogChunk> chunks) => Write(tail, chunks, []);

    /// <param name="replaced">Sequences of chunks that go in the same commit.</param>
    private async Task Write(LogTail tail, IReadOnlyList<LogChunk> chunks, IReadOnlyList<long> replaced)
    {
        var inserts = chunks.Select((chunk, index) => new RowWrite.Insert(Key(tail.Sequence + 1 + index), DocumentRows.Write(chunk))).ToList();
        List<long> gone = [.. replaced.Union(tail.Surplus(inserts.Sum(insert => insert.Document.Length), BytesMax))];
        var made = false;
        try
        {
            if (await store.Commit([.. inserts, .. gone.Select(Delete)]) != CommitOutcome.Committed)
            {
                throw new OrleansException($"The log of workflow {WorkflowUuid} was written elsewhere at the same time; try again.");
            }

            made = true;
        }
        catch (StateStoreException)
        {
            // Only this grain writes here. If a chunk is there the commit was made, and adding it once more would double its lines.
            if (await store.Read(inserts[0].Key) is not { } row || !row.Document.Span.SequenceEqual(inserts[0].Document.Span))
            {
                throw;
            }

            made = true;
        }
        finally
        {
            _tail = made ? tail : null;
        }

        foreach (var (chunk, insert) in chunks.Zip(inserts))
        {
            tail.Add(tail.Sequence + 1, chunk, insert.Document.Length);
        }

        tail.Remove(gone);
        _readers.Wake();
    }

    private RowKey Key(long sequence) => new(RowKind.LogChunk, Partition, LogChunk.RowId(sequence));

    private RowWrite Delete(long sequence) => new RowWrite.Delete(Key(sequence));

    private static string Name(LogStream stream) => stream switch
    {
        LogStream.Logs => LogTail.LogsStream,
        LogStream.Events => LogTail.EventsStream,
        LogStream.Errors => LogTail.ErrorsStream,
        _ => throw new ArgumentOutOfRangeException(nameof(stream), stream, "Unknown log stream."),
    };

    /// <summary>
    /// What of these lines is not in the log yet, nor among those that are about to be. Their times do not tell: several things happen in one second, and reports overtake each other
    /// (contract: backend-protocol §9.4 QUIRK, lifecycle §18 QUIRK).
    /// </summary>
    private static (int Count, string Text) NewEvents(LogTail tail, string text, HashSet<string> among)
    {
        var lines = LogTail.LinesOf(text).Where(line => !tail.HasEvent(line) && among.Add(tail.Identity(line))).ToList();
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

    [LoggerMessage(1, LogLevel.Warning, "The archived events of workflow {WorkflowId} cannot be read; what is reported of them again is kept twice.")]
    private static partial void LogArchiveUnreadable(ILogger logger, Exception error, string workflowId);
}
