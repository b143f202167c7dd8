namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// Limits on time (contract: lifecycle §15). When each ends follows from the state, so nothing is armed and nothing can be lost: a group
/// has the queue limit exactly while it is SCHEDULING, and the run limit from the moment it runs; between the two its new attempts have it.
/// </summary>
internal static class Deadlines
{
    /// <summary>
    /// Ends whatever is due by <paramref name="now"/>, which is not the time of writing: no limit passes early because another clock was
    /// ahead.
    /// </summary>
    public static void Apply(TransitionBuilder change, DateTime now)
    {
        foreach (var group in change.Plan.Groups)
        {
            if (QueueDeadline(change.Plan, change.Group(group.Name)) <= now)
                GroupProgress.EndAll(change, group, Endings.QueuedTooLong(change.Plan.QueueTimeout));
            else if (ExecDeadline(change.Plan, change.Group(group.Name)) <= now)
                GroupProgress.EndAll(change, group, Endings.RanTooLong(change.Plan.ExecTimeout));
            else
                EndLateAttempts(change, group, now);
        }
    }

    /// <summary>The earliest limit of a workflow; null when none runs.</summary>
    public static DateTime? Next(Workflow workflow)
    {
        DateTime? next = null;
        foreach (var group in workflow.Plan.Groups)
        {
            var state = workflow.Groups[group.Name];
            if (state.Status.IsFinished || state.Status == TaskGroupStatus.Waiting)
                continue;

            next = Earlier(next, QueueDeadline(workflow.Plan, state));
            next = Earlier(next, ExecDeadline(workflow.Plan, state));
            foreach (var task in group.Tasks)
            {
                next = Earlier(next, StartDeadline(workflow.Tasks[task.Name]));
                next = Earlier(next, RetryQueueDeadline(workflow.Plan, state, workflow.Tasks[task.Name]));
            }
        }

        return next;
    }

    /// <summary>The first sign of a starting pod sets the limit of its attempt; later signs do not move it.</summary>
    public static void PodStarting(TransitionBuilder change, WorkflowEvent.PodStarting sign)
    {
        if (change.Index.TaskNameOf(sign.TaskUuid) is not { } name
            || !Attempts.TryFindLive(change, name, sign.RetryId, out var group, out _, out var attempt)
            || !attempt.Status.IsPrerunning
            || attempt.StartDeadline is not null)
        {
            return;
        }

        change.Touch(change.Group(group.Name), attempt);
        change.Set(attempt with { StartDeadline = After(change.Now, change.Plan.StartTimeout), StartMessage = sign.Message });
    }

    private static void EndLateAttempts(TransitionBuilder change, GroupPlan group, DateTime now)
    {
        foreach (var task in group.Tasks)
        {
            var attempt = change.Task(task.Name);
            if (StartDeadline(attempt) <= now)
                Attempts.End(change, group, task, Endings.StartedTooLate(attempt.StartMessage));
            else if (RetryQueueDeadline(change.Plan, change.Group(group.Name), attempt) <= now)
                Attempts.End(change, group, task, Endings.QueuedTooLong(change.Plan.QueueTimeout));
        }
    }

    private static DateTime? QueueDeadline(WorkflowPlan plan, GroupState group) =>
        group.Status == TaskGroupStatus.Scheduling && group.SchedulingStartTime is { } start ? After(start, plan.QueueTimeout) : null;

    private static DateTime? ExecDeadline(WorkflowPlan plan, GroupState group) =>
        group.Status == TaskGroupStatus.Running && group.StartTime is { } start ? After(start, plan.ExecTimeout) : null;

    /// <summary>
    /// Of an attempt that replaced one before the group ever ran: such a group is past its own queue limit and has no run limit yet, so a pod
    /// that no node takes would keep it waiting for ever.
    /// </summary>
    private static DateTime? RetryQueueDeadline(WorkflowPlan plan, GroupState group, TaskState attempt) =>
        group.Status == TaskGroupStatus.Initializing
        && attempt is { RetryId: > 0, Status: TaskGroupStatus.Scheduling, SchedulingStartTime: { } start }
            ? After(start, plan.QueueTimeout)
            : null;

    private static DateTime? StartDeadline(TaskState attempt) => attempt.Status.IsPrerunning ? attempt.StartDeadline : null;

    private static DateTime? Earlier(DateTime? one, DateTime? other) => one is null || other < one ? other ?? one : one;

    private static DateTime After(DateTime start, TimeSpan limit) => limit < DateTime.MaxValue - start ? start + limit : DateTime.MaxValue;
}
