namespace Osmo.Cli.Commands;

/// <summary>The statuses that lists can be filtered by (contract: api-rest §6).</summary>
internal static class Statuses
{
    public static readonly string[] OfWorkflows =
    [
        "RUNNING", "FAILED", "COMPLETED", "PENDING", "WAITING", "FAILED_EXEC_TIMEOUT", "FAILED_SERVER_ERROR", "FAILED_QUEUE_TIMEOUT",
        "FAILED_SUBMISSION", "FAILED_CANCELED", "FAILED_BACKEND_ERROR", "FAILED_IMAGE_PULL", "FAILED_EVICTED", "FAILED_START_ERROR",
        "FAILED_START_TIMEOUT", "FAILED_PREEMPTED",
    ];

    public static readonly string[] OfTasks =
    [
        "SUBMITTING", "WAITING", "PROCESSING", "SCHEDULING", "INITIALIZING", "RUNNING", "FAILED", "COMPLETED", "RESCHEDULED",
        "FAILED_EXEC_TIMEOUT", "FAILED_START_ERROR", "FAILED_START_TIMEOUT", "FAILED_SERVER_ERROR", "FAILED_BACKEND_ERROR",
        "FAILED_QUEUE_TIMEOUT", "FAILED_IMAGE_PULL", "FAILED_UPSTREAM", "FAILED_EVICTED", "FAILED_PREEMPTED", "FAILED_CANCELED",
    ];

    /// <summary>Those of tasks that are on their way, which lists show when nothing else is asked for.</summary>
    public static readonly string[] OfTasksUnderWay = ["PROCESSING", "SCHEDULING", "INITIALIZING", "RUNNING"];
}
