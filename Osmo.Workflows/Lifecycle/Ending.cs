namespace Osmo.Workflows.Lifecycle;

/// <summary>How an attempt ends: what was reported, what an exit action makes of it, or what the control plane decided.</summary>
/// <param name="ExitCode">Null for cancels, and for queue and run limits.</param>
/// <param name="Message">As users see it; empty when there is nothing to say.</param>
internal sealed record Ending(TaskGroupStatus Status, int? ExitCode, string Message);

/// <summary>The ends that the control plane decides itself, with their codes and texts (contract: lifecycle §9).</summary>
internal static class Endings
{
    public static Ending UpstreamFailed { get; } = new(TaskGroupStatus.FailedUpstream, ExitCodes.Upstream, "Upstream task failed.");

    /// <summary>Of a task that was sent to a backend that is gone.</summary>
    public static Ending BackendGone { get; } = new(TaskGroupStatus.FailedBackendError, ExitCodes.BackendError, "Backend not found.");

    /// <summary>Of a task that would have been.</summary>
    public static Ending BackendGoneUpstream { get; } = new(TaskGroupStatus.FailedUpstream, ExitCodes.Upstream, "Backend not found.");

    public static Ending NodeRemoved { get; } = new(
        TaskGroupStatus.FailedBackendError, ExitCodes.BackendError, "Node got removed from the cluster while the pod was on it");

    /// <summary>Of the tasks that a lead leaves behind.</summary>
    public static Ending LeadFinished(bool completed) =>
        new(completed ? TaskGroupStatus.Completed : TaskGroupStatus.Failed, null, "Lead task finished");

    /// <summary>Of the tasks that a failed side task takes with it.</summary>
    public static Ending OtherFailed(string task) => new(TaskGroupStatus.Failed, null, $"Task {task} Failed.");

    public static Ending Canceled(string user, string? message)
    {
        var text = $"Task was canceled by user: {user}.";
        return new(TaskGroupStatus.FailedCanceled, null, string.IsNullOrEmpty(message) ? text : $"{text} {message}");
    }

    public static Ending RanTooLong(TimeSpan limit) =>
        new(TaskGroupStatus.FailedExecTimeout, null, $"Task ran longer than the set limit of {DurationText.Of(limit)}.");

    public static Ending QueuedTooLong(TimeSpan limit) =>
        new(TaskGroupStatus.FailedQueueTimeout, null, $"Task stayed in queue longer than the set limit of {DurationText.Of(limit)}.");

    /// <param name="sign">What the operator said when the limit began.</param>
    public static Ending StartedTooLate(string? sign) => new(TaskGroupStatus.FailedStartTimeout, ExitCodes.StartTimeout, sign ?? "");

    public static Ending CreateGroupFailed(string error) =>
        new(TaskGroupStatus.FailedServerError, ExitCodes.ServerError, $"CreateGroup job failed: {error}");

    public static Ending RescheduleTaskFailed(string error) =>
        new(TaskGroupStatus.FailedBackendError, ExitCodes.BackendError, $"RescheduleTask job failed: {error}");
}
