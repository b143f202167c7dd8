using System.Diagnostics.CodeAnalysis;

namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// Transitions of a single attempt of a task (contract: lifecycle §4, §10). What follows for the group is in <see cref="GroupProgress"/>.
/// </summary>
internal static class Attempts
{
    /// <summary>
    /// The latest attempt of a task, if it is the one meant, has not ended, and its group has been sent to the backend.
    /// Everything that pods, runtimes and their jobs say goes through here: what is late, early or unknown is dropped.
    /// </summary>
    public static bool TryFindLive(
        TransitionBuilder change,
        string taskName,
        int retryId,
        [NotNullWhen(true)] out GroupPlan? group,
        [NotNullWhen(true)] out TaskPlan? task,
        [NotNullWhen(true)] out TaskState? attempt)
    {
        attempt = null;
        if (!change.Index.TryFindTask(taskName, out group, out task))
            return false;

        attempt = change.Task(taskName);
        return attempt.RetryId == retryId && !attempt.Status.IsFinished && change.Group(group.Name).Status >= TaskGroupStatus.Processing;
    }

    /// <summary>Moves an attempt forward to SCHEDULING, INITIALIZING or RUNNING; steps may be skipped, none is taken back.</summary>
    public static void Advance(TransitionBuilder change, GroupPlan group, TaskState attempt, TaskGroupStatus status)
    {
        if (status <= attempt.Status)
            return;

        change.Touch(change.Group(group.Name), attempt);
        change.Set(status switch
        {
            TaskGroupStatus.Scheduling => attempt with { Status = status, SchedulingStartTime = change.Now },
            TaskGroupStatus.Initializing => attempt with { Status = status, InitializingStartTime = change.Now },
            TaskGroupStatus.Running => attempt with { Status = status, StartTime = change.Now },
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, "An attempt cannot advance to this."),
        });
        GroupProgress.Advance(change, group, status);
    }

    /// <summary>Ends the live attempt of a task as reported, or as its exit actions want; the group follows.</summary>
    public static void End(TransitionBuilder change, GroupPlan group, TaskPlan task, Ending reported)
    {
        var attempt = change.Task(task.Name);
        var ending = ExitActions.Apply(change.Plan, task, attempt.RetryId, reported);
        End(change, group, attempt, ending);
        if (ending.Status == TaskGroupStatus.Rescheduled)
            Retry(change, attempt);

        LeadRules.AfterEnd(change, group, attempt, ending.Status);
        GroupProgress.AfterEnd(change, group, ending);
    }

    /// <summary>Ends all live attempts of a group alike, by a decision that exit actions have no say in.</summary>
    public static void EndAll(TransitionBuilder change, GroupPlan group, Ending ending)
    {
        foreach (var task in group.Tasks)
        {
            var attempt = change.Task(task.Name);
            if (!attempt.Status.IsFinished)
                End(change, group, attempt, ending);
        }
    }

    private static void End(TransitionBuilder change, GroupPlan group, TaskState attempt, Ending ending)
    {
        change.Touch(change.Group(group.Name), attempt);
        change.Set(attempt with
        {
            Status = ending.Status,
            EndTime = change.Now,
            ExitCode = ending.ExitCode,
            FailureMessage = ending.Message.Length > 0 ? ending.Message : null,
        });
    }

    private static void Retry(TransitionBuilder change, TaskState ended)
    {
        var retryId = ended.RetryId + 1;
        change.Set(new TaskState
        {
            Group = ended.Group,
            Name = ended.Name,
            RetryId = retryId,
            Status = TaskGroupStatus.Processing,
        });

        // The attempt that ended had a pod, so the job that was to make it is done, confirmed or not.
        change.CloseJobs(ended.Group, job => job is BackendJob.RescheduleTask open && open.Task == ended.Name);
        change.Issue(ended.Group, sequence => new BackendJob.RescheduleTask
        {
            JobId = JobIds.RescheduleTask(change.Plan, ended.Name, retryId),
            Group = ended.Group,
            Sequence = sequence,
            Task = ended.Name,
            RetryId = retryId,
        });
    }
}
