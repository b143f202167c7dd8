using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Objects;
using Osmo.Storage.Queries;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Gateway.Logs;

/// <summary>
/// Gives a reader the lines of a stream, from the first to the end of the workflow (contract: api-rest §9.3). Chunks are rows while the
/// workflow lives; the log grain says
/// when there are more. After the end the archive has the same bytes, so a reader who was not done goes on there, behind what it has
/// already had.
/// </summary>
internal sealed class LogFollower(IGrainFactory grains, IWorkflowQueries queries, IObjectStore objects)
{
    /// <summary>Chunks read at once: what a reader holds in memory.</summary>
    private const int ChunksMax = 64;

    /// <param name="follow">Waits for lines that are still to come.</param>
    public async Task Copy(WorkflowHead head, LogSource source, bool follow, LineSink sink, CancellationToken cancellation)
    {
        // A rejected submission never had a log.
        if (head.Status == WorkflowStatus.FailedSubmission)
        {
            return;
        }

        var had = head.Archived ? 0 : await CopyChunks(head.WorkflowUuid, source, follow, sink, cancellation);
        if (had is { } bytes)
        {
            await CopyArchive(source, bytes, sink, cancellation);
        }

        sink.Follow();
        await sink.Flush(cancellation);
    }

    /// <summary>
    /// Returns how many bytes of the stream the reader has had when the log ended, for the archive to go on behind; null when there is
    /// nothing to go on with.
    /// </summary>
    private async Task<long?> CopyChunks(string workflowUuid, LogSource source, bool follow, LineSink sink, CancellationToken cancellation)
    {
        var log = grains.GetGrain<IWorkflowLogGrain>(workflowUuid);
        var (sequence, had, ended) = (0L, 0L, false);
        while (true)
        {
            var after = LogChunk.RowId(sequence);
            var rows = await Transient.Retry(() => queries.LogChunks(workflowUuid, after, ChunksMax, cancellation), cancellation);
            foreach (var row in rows)
            {
                sequence = long.Parse(row.Key.Id);
                var chunk = JsonSerializer.Deserialize(row.Document.Span, DocumentJson.Default.LogChunk)!;
                if (source.Has(chunk))
                {
                    had += Encoding.UTF8.GetByteCount(chunk.Text);
                    sink.Write(chunk.Text);
                }
            }

            if (rows.Count == ChunksMax)
            {
                await sink.FlushIfMuch(cancellation);
                continue;
            }

            if (ended)
            {
                return had;
            }

            sink.Follow();
            if (!await sink.Flush(cancellation))
            {
                return null;
            }

            if (!follow)
            {
                // Nobody waits for more; but when the rows have just gone, the archive has them.
                return had == 0 ? 0 : null;
            }

            ended = (await Transient.Retry(() => log.WaitBeyond(sequence, cancellation), cancellation)).Ended;
            cancellation.ThrowIfCancellationRequested();
        }
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
