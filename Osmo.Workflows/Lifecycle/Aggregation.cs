using System.Collections.Immutable;

namespace Osmo.Workflows.Lifecycle;

/// <summary>What a group's tasks say about the group, and a workflow's groups about the workflow (contract: lifecycle §5, §6).</summary>
public static class Aggregation
{
    /// <summary>The status of a group by its tasks' latest attempts. First match wins.</summary>
    /// <param name="tasks">Of the latest attempts: whether the task is the lead, and its status.</param>
    public static TaskGroupStatus OfTasks(IEnumerable<(bool IsLead, TaskGroupStatus Status)> tasks, bool ignoreNonleadStatus)
    {
        var unfinished = false;
        var begun = false;
        var upstream = false;
        var considered = Seen.None;
        foreach (var (isLead, status) in tasks)
        {
            unfinished |= !status.IsGroupFinished;
            begun |= status == TaskGroupStatus.Running || status.IsFinished;
            upstream |= status == TaskGroupStatus.FailedUpstream;
            if (isLead || !ignoreNonleadStatus)
                considered |= See(status);
        }

        if (unfinished)
            return begun ? TaskGroupStatus.Running : TaskGroupStatus.Initializing;
        if (upstream)
            return TaskGroupStatus.FailedUpstream;

        // Server error and preemption count for considered tasks only: an ignored side task must not fail the group of a lead that
        // completed.
        return considered switch
        {
            _ when considered.HasFlag(Seen.ServerError) => TaskGroupStatus.FailedServerError,
            _ when considered.HasFlag(Seen.Preempted) => TaskGroupStatus.FailedPreempted,
            _ when considered.HasFlag(Seen.Evicted) => TaskGroupStatus.FailedEvicted,
            _ when considered.HasFlag(Seen.Failed) => TaskGroupStatus.Failed,
            _ => TaskGroupStatus.Completed,
        };
    }

    /// <summary>The status of a workflow by its groups. First match wins.</summary>
    public static WorkflowStatus OfGroups(IEnumerable<TaskGroupStatus> groups)
    {
        var unfinished = false;
        var running = false;
        var failures = new HashSet<TaskGroupStatus>();
        foreach (var status in groups)
        {
            unfinished |= !status.IsGroupFinished;
            running |= status == TaskGroupStatus.Running;
            if (status.IsFailed)
                failures.Add(status);
        }

        if (unfinished)
            return running ? WorkflowStatus.Running : WorkflowStatus.Pending;
        if (failures.Count == 0)
            return WorkflowStatus.Completed;

        foreach (var decisive in Decisive)
        {
            if (failures.Contains(decisive))
                return OfFailure(decisive);
        }

        failures.Remove(TaskGroupStatus.FailedUpstream);
        return failures.Count == 1 ? OfFailure(failures.Single()) : WorkflowStatus.Failed;
    }

    private static readonly ImmutableArray<TaskGroupStatus> Decisive =
    [
        TaskGroupStatus.FailedCanceled,
        TaskGroupStatus.FailedServerError,
        TaskGroupStatus.FailedExecTimeout,
        TaskGroupStatus.FailedQueueTimeout,
    ];

    private static WorkflowStatus OfFailure(TaskGroupStatus status) => status switch
    {
        TaskGroupStatus.FailedCanceled => WorkflowStatus.FailedCanceled,
        TaskGroupStatus.FailedServerError => WorkflowStatus.FailedServerError,
        TaskGroupStatus.FailedExecTimeout => WorkflowStatus.FailedExecTimeout,
        TaskGroupStatus.FailedQueueTimeout => WorkflowStatus.FailedQueueTimeout,
        TaskGroupStatus.FailedBackendError => WorkflowStatus.FailedBackendError,
        TaskGroupStatus.FailedImagePull => WorkflowStatus.FailedImagePull,
        TaskGroupStatus.FailedEvicted => WorkflowStatus.FailedEvicted,
        TaskGroupStatus.FailedStartError => WorkflowStatus.FailedStartError,
        TaskGroupStatus.FailedStartTimeout => WorkflowStatus.FailedStartTimeout,
        TaskGroupStatus.FailedPreempted => WorkflowStatus.FailedPreempted,
        _ => WorkflowStatus.Failed,
    };

    private static Seen See(TaskGroupStatus status) => status switch
    {
        TaskGroupStatus.FailedServerError => Seen.ServerError,
        TaskGroupStatus.FailedPreempted => Seen.Preempted,
        TaskGroupStatus.FailedEvicted => Seen.Evicted,
        _ when status.IsFailed => Seen.Failed,
        _ => Seen.None,
    };

    [Flags]
    private enum Seen
    {
        None = 0,
        ServerError = 1,
        Preempted = 2,
        Evicted = 4,
        Failed = 8,
    }
}
