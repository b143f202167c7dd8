namespace Osmo.Gateway.Operators;

/// <summary>What operators log, and what there is to say about their connections. What they can bring about at any rate goes through <see cref="ConnectionLog"/>.</summary>
internal sealed partial class OperatorLog(ILogger<OperatorLog> logger)
{
    [LoggerMessage(EventId = 1301, Message = "Operator of {Backend}: {Text} (workflow {WorkflowUuid})")]
    public partial void Said(LogLevel level, string backend, string text, string? workflowUuid);

    [LoggerMessage(1302, LogLevel.Warning, "The {Stream} connection of backend {Backend} was ended")]
    public partial void Ended(Exception exception, string backend, string stream);

    [LoggerMessage(1303, LogLevel.Warning, "Backend {Backend} sent a message that was dropped: {Error}")]
    public partial void Dropped(string backend, string error);

    [LoggerMessage(1304, LogLevel.Error, "A report of backend {Backend} could not be applied and was dropped")]
    public partial void NotApplied(Exception exception, string backend);

    [LoggerMessage(1305, LogLevel.Information, "Backend {Backend} reported task {TaskUuid} of workflow {WorkflowUuid}, which is unknown")]
    public partial void UnknownTask(string backend, string workflowUuid, string taskUuid);

    [LoggerMessage(1306, LogLevel.Warning, "Node condition rule {Pattern}: {Status} of backend {Backend} is not sent; Ready must be True")]
    public partial void RuleRefused(string backend, string pattern, string status);

    [LoggerMessage(1307, LogLevel.Warning, "Job {JobId} failed on backend {Backend}: {Error}")]
    public partial void JobFailed(string backend, string jobId, string error);

    [LoggerMessage(1309, LogLevel.Warning, "Backend {Backend} gave reason for {Count} more of these on one connection: {Cause}")]
    public partial void Counted(string backend, long count, LogCause cause);

    [LoggerMessage(1308, LogLevel.Error, "Job {JobId} of backend {Backend} could not be prepared")]
    public partial void NotPrepared(Exception exception, string backend, string jobId);
}
