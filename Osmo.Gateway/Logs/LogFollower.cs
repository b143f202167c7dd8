using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Osmo.Gateway.Conventions;
using Osmo.Gateway.Workflows;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Objects;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Gateway.Logs;

/// <summary>
/// Gives a reader the lines of a stream, from the first to the end of the workflow (contract: api-rest §9.3). Chunks are rows while the
/// workflow lives; the log grain says when there are more. After the end the archive has the same bytes, so a reader who was not done goes
/// on there, behind what it has already had; what came after the archive stands in rows behind it.
/// </summary>
internal sealed class LogFollower(
    IGrainFactory grains, IWorkflowQueries queries, IObjectStore objects, WorkflowReader workflows, TimeProvider time)
{
    /// <summary>Chunks read at once: what a reader holds in memory.</summary>
    private const int ChunksMax = 64;

    /// <summary>
    /// How long a reader waits for the archive of a workflow that has ended, while nothing is printed any more: its backend may be away, and
    /// nobody knows for how long.
    /// </summary>
    private static readonly TimeSpan ArchivePatience = TimeSpan.FromMinutes(2);

    /// <param name="follow">Waits for lines that are still to come.</param>
    public async Task Copy(WorkflowHead head, LogSource source, bool follow, LineSink sink, CancellationToken cancellation)
    {
        // A rejected submission never had a log.
        if (head.Status == WorkflowStatus.FailedSubmission)
        {
            return;
        }

        var had = head.Archived ? 0 : await CopyChunks(head, source, follow, sink, cancellation);
        if (had is { } bytes)
        {
            await CopyArchive(source, bytes, sink, cancellation);
            await CopyLate(head.WorkflowUuid, source, sink, cancellation);
        }

        sink.Follow();
        await sink.Flush(cancellation);
    }

    /// <summary>
    /// Returns how many bytes at the beginning of the archived stream the reader has had; null when there is nothing to go on with.
    /// </summary>
    private async Task<long?> CopyChunks(WorkflowHead head, LogSource source, bool follow, LineSink sink, CancellationToken cancellation)
    {
        var log = grains.GetGrain<IWorkflowLogGrain>(head.WorkflowUuid);
        var (sequence, had, ended) = (0L, new ChunksHad(), false);
        while (true)
        {
            var after = LogChunk.RowId(sequence);
            var rows = await Transient.Retry(() => queries.LogChunks(head.WorkflowUuid, after, ChunksMax, cancellation), cancellation);
            foreach (var row in rows)
            {
                sequence = long.Parse(row.Key.Id);
                had.Add(sequence, Write(row, source, sink));
            }

            if (rows.Count == ChunksMax)
            {
                await sink.FlushIfMuch(cancellation);
                continue;
            }

            if (ended)
            {
                return had.Bytes;
            }

            sink.Follow();
            if (!await sink.Flush(cancellation))
            {
                return null;
            }

            if (!follow)
            {
                // Nobody waits for more; but when the rows have just gone, the archive has them.
                return had.IsEmpty ? 0 : null;
            }

            var position = await Transient.Retry(() => log.WaitBeyond(sequence, cancellation), cancellation);
            cancellation.ThrowIfCancellationRequested();
            had.Forget(position.First);
            ended = position.Ended;
            if (!ended && position.Sequence <= sequence && await IsOver(head.WorkflowUuid, cancellation))
            {
                return null;
            }
        }
    }

    /// <summary>Nothing has come for a while: whether there is still something to wait for.</summary>
    private async Task<bool> IsOver(string workflowUuid, CancellationToken cancellation) =>
        await workflows.Head(workflowUuid, cancellation) is not { } head
        || (head is { Archived: false, Status.IsFinished: true, EndTime: { } end } && time.GetUtcNow().UtcDateTime - end > ArchivePatience);

    private async Task CopyLate(string workflowUuid, LogSource source, LineSink sink, CancellationToken cancellation)
    {
        var partition = LogChunk.LatePartition(workflowUuid);
        IReadOnlyList<Row> rows = [];
        do
        {
            var after = rows.Count == 0 ? "" : rows[^1].Key.Id;
            rows = await Transient.Retry(() => queries.LogChunks(partition, after, ChunksMax, cancellation), cancellation);
            foreach (var row in rows)
            {
                Write(row, source, sink);
            }

            await sink.FlushIfMuch(cancellation);
        }
        while (rows.Count == ChunksMax);
    }

    /// <summary>Returns the bytes that the chunk has of the source.</summary>
    private static int Write(Row row, LogSource source, LineSink sink)
    {
        var chunk = StoredDocument.Parse(row, DocumentJson.Default.LogChunk);
        if (!source.Has(chunk))
        {
            return 0;
        }

        sink.Write(chunk.Text);
        return Encoding.UTF8.GetByteCount(chunk.Text);
    }

    private async Task CopyArchive(LogSource source, long had, LineSink sink, CancellationToken cancellation)
    {
        if (await objects.Read(source.ArchiveKey, cancellation) is not { } file)
        {
            return;
        }

        await foreach (var line in Lines(file, cancellation))
        {
            if (!source.HasLine(line))
            {
                continue;
            }

            if (had > 0)
            {
                had -= Encoding.UTF8.GetByteCount(line);
                continue;
            }

            sink.Write(line);
            if (!await sink.FlushIfMuch(cancellation))
            {
                return;
            }
        }
    }

    /// <summary>Lines with their '\n', and only that ends a line: progress bars write '\r'.</summary>
    private static async IAsyncEnumerable<string> Lines(
        Stream file, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(file);
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellation);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var after = buffer.GetPosition(1, end);
                    yield return Encoding.UTF8.GetString(buffer.Slice(0, after));
                    buffer = buffer.Slice(after);
                }

                if (read.IsCompleted)
                {
                    if (!buffer.IsEmpty)
                    {
                        yield return Encoding.UTF8.GetString(buffer);
                    }

                    yield break;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }
}
