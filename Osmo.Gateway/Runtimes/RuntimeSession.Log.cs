namespace Osmo.Gateway.Runtimes;

internal sealed partial class RuntimeSession
{
    [LoggerMessage(
        1202, LogLevel.Warning, "Task {Task} attempt {RetryId} of workflow {WorkflowUuid} sent a message that was dropped: {Error}")]
    private partial void LogBadMessage(string workflowUuid, string task, int retryId, string error);
}
