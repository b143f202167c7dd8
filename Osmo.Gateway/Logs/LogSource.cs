using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Logs;

/// <summary>
/// One stream of a workflow, whole or of one attempt: as chunks while the workflow lives, as a file afterwards (contract: runtime-protocol
/// §21.3).
/// </summary>
internal sealed class LogSource
{
    private readonly string _stream;
    private readonly LogAttempt? _attempt;

    /// <summary>Set when the file holds more than the source.</summary>
    private readonly string? _linePrefix;

    private LogSource(string stream, LogAttempt? attempt, string archiveKey, string? linePrefix = null) =>
        (_stream, _attempt, ArchiveKey, _linePrefix) = (stream, attempt, archiveKey, linePrefix);

    public string ArchiveKey { get; }

    public static LogSource Logs(string workflowId, LogAttempt? attempt) =>
        new("logs", attempt, $"{workflowId}/{(attempt is null ? "workflow_logs" : $"task_logs_{attempt.Task}_{attempt.RetryId}")}.txt");

    public static LogSource Events(string workflowId, LogAttempt? attempt) => new(
        "events", attempt, $"{workflowId}/workflow_events.txt",
        attempt is null ? null : attempt.RetryId == 0 ? $"[{attempt.Task}]" : $"[{attempt.Task} retry-{attempt.RetryId}]");

    public static LogSource Errors(string workflowId, LogAttempt attempt) => new(
        "errors", attempt, attempt.RetryId == 0
            ? $"{workflowId}/{attempt.Task}_error_logs.txt"
            : $"{workflowId}/{attempt.Task}_{attempt.RetryId}_error_logs.txt");

    public bool Has(LogChunk chunk) =>
        chunk.Stream == _stream && (_attempt is null || (chunk.Task == _attempt.Task && chunk.RetryId == _attempt.RetryId));

    /// <summary>Whether a line of the file belongs to the source: <c>date time [task]…</c>.</summary>
    public bool HasLine(ReadOnlySpan<char> line)
    {
        if (_linePrefix is null)
        {
            return true;
        }

        for (var tokens = 0; tokens < 2; tokens++)
        {
            line = line[(line.IndexOf(' ') + 1)..];
        }

        return line.StartsWith(_linePrefix, StringComparison.Ordinal);
    }
}
