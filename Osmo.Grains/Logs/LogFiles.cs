using Osmo.Grains.Interfaces;
using Osmo.Storage.Objects;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Logs;

/// <summary>The files a workflow's log becomes (contract: lifecycle §17, runtime-protocol §21.3). Each is the concatenation of its chunks in order.</summary>
internal sealed class LogFiles(IObjectStore objects, LogArchive archive, Func<long, Task<LogChunk>> read)
{
    /// <summary>Files written at a time, and so chunks in memory.</summary>
    private const int ParallelMax = 10;

    private const string EventsFile = "workflow_events.txt";

    /// <summary>The lines of the archived events, oldest first.</summary>
    public static async Task<List<string>> Events(IObjectStore objects, string workflowId, CancellationToken cancellation)
    {
        var lines = new List<string>();
        await using var file = await objects.Read($"{workflowId}/{EventsFile}", cancellation);
        if (file is not null)
        {
            using var reader = new StreamReader(file);
            while (await reader.ReadLineAsync(cancellation) is { } line)
            {
                lines.Add(line);
            }
        }

        return lines;
    }

    public async Task Write(LogTail tail)
    {
        var logs = tail.ByAttempt(LogTail.LogsStream);
        var errors = tail.ByAttempt(LogTail.ErrorsStream);
        var files = new List<(string Name, IEnumerable<long> Chunks)>
        {
            ("workflow_logs.txt", tail.Of(LogTail.LogsStream)),
            (EventsFile, tail.Of(LogTail.EventsStream)),
        };
        files.AddRange(archive.Attempts.Select(attempt => ($"task_logs_{attempt.Task}_{attempt.RetryId}.txt", logs[attempt])));
        files.AddRange(archive.WithErrors.Select(attempt => (ErrorFile(attempt), errors[attempt])));

        foreach (var part in files.Chunk(ParallelMax))
        {
            await Task.WhenAll(part.Select(file => Put(file.Name, file.Chunks)));
        }
    }

    private static string ErrorFile(AttemptKey attempt) =>
        attempt.RetryId == 0 ? $"{attempt.Task}_error_logs.txt" : $"{attempt.Task}_{attempt.RetryId}_error_logs.txt";

    private async Task Put(string name, IEnumerable<long> chunks)
    {
        await using var content = new ChunkStream([.. chunks], read);
        await objects.Write($"{archive.WorkflowId}/{name}", content);
    }
}
