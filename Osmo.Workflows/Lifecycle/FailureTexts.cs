namespace Osmo.Workflows.Lifecycle;

/// <summary>Failure messages the control plane writes itself, as users see them (contract: lifecycle §9).</summary>
internal static class FailureTexts
{
    public const string LeadFinished = "Lead task finished";
    public const string UpstreamFailed = "Upstream task failed.";
    public const string BackendNotFound = "Backend not found.";
    public const string NodeRemoved = "Node got removed from the cluster while the pod was on it";

    public static string TaskFailed(string task) => $"Task {task} Failed.";

    public static string CanceledBy(string user, string? message) =>
        string.IsNullOrEmpty(message) ? $"Task was canceled by user: {user}." : $"Task was canceled by user: {user}. {message}";

    public static string RanLongerThan(TimeSpan limit) => $"Task ran longer than the set limit of {DurationText.Of(limit)}.";

    public static string QueuedLongerThan(TimeSpan limit) => $"Task stayed in queue longer than the set limit of {DurationText.Of(limit)}.";

    public static string CreateGroupFailed(string error) => $"CreateGroup job failed: {error}";

    public static string RescheduleTaskFailed(string error) => $"RescheduleTask job failed: {error}";

    public static string ExitAction(ExitActionKind kind, int exitCode) => $"Exit Action: {WireEnum<ExitActionKind>.Name(kind)} the task for exit code {exitCode}.";

    public static string RetryLimit(int limit) => $"No exit action applied due to retry limit {limit}.";
}
