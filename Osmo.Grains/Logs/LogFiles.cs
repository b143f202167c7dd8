using System.Text;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Objects;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Logs;

/// <summary>The files a workflow's log becomes (contract: lifecycle §17, runtime-protocol §21.3). Each is the concatenation of its chunks in order.</summary>
internal sealed class LogFiles(IObjectStore objects, LogArchive archive)
{
    private const int ParallelMax = 10;

    public async Task Write(IReadOnlyList<LogChunk> chunks)
    {
        var files = new List<(string Name, string Text)>
        {
            ("workflow_logs.txt", Concatenate(chunks.Where(chunk => chunk.Stream == "logs"))),
            ("workflow_events.txt", Concatenate(chunks.Where(chunk => chunk.Stream == "events"))),
        };
        var logs = ByAttempt(chunks, "logs");
        var errors = ByAttempt(chunks, "errors");
        files.AddRange(archive.Attempts.Select(attempt => ($"task_logs_{attempt.Task}_{attempt.RetryId}.txt", Concatenate(logs[attempt]))));
        files.AddRange(archive.WithErrors.Select(attempt => (ErrorFile(attempt), Concatenate(errors[attempt]))));

        foreach (var part in files.Chunk(ParallelMax))
        {
            await Task.WhenAll(part.Select(file => Put(file.Name, file.Text)));
        }
    }

    private static ILookup<AttemptKey, LogChunk> ByAttempt(IEnumerable<LogChunk> chunks, string stream) =>
        chunks.Where(chunk => chunk.Stream == stream).ToLookup(chunk => new AttemptKey(chunk.Task, chunk.RetryId));

    private static string ErrorFile(AttemptKey attempt) =>
        attempt.RetryId == 0 ? $"{attempt.Task}_error_logs.txt" : $"{attempt.Task}_{attempt.RetryId}_error_logs.txt";

    private static string Concatenate(IEnumerable<LogChunk> chunks) => string.Concat(chunks.Select(chunk => chunk.Text));

    private async Task Put(string name, string text)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text), writable: false);
        await objects.Write($"{archive.WorkflowId}/{name}", content);
    }
}
