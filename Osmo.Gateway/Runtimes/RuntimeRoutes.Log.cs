namespace Osmo.Gateway.Runtimes;

internal sealed partial class RuntimeRoutes
{
    [LoggerMessage(1201, LogLevel.Warning, "The connection of task {Task} attempt {RetryId} of workflow {WorkflowId} was ended")]
    private partial void LogFailed(Exception exception, string workflowId, string task, int retryId);
}
