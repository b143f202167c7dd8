namespace Osmo.Workflows.Lifecycle;

/// <summary>A group from WAITING to its end (contract: lifecycle §5, §7). It only moves forward, and its first end is final.</summary>
internal static class GroupProgress
{
    /// <summary>Sends a waiting group to the backend.</summary>
    public static void Start(TransitionBuilder change, GroupPlan group)
    {
        var state = change.Group(group.Name);
        change.Touch(state);
        foreach (var upstream in group.Upstream)
            change.Touch(change.Group(upstream));

        change.Set(state with { Status = TaskGroupStatus.Processing, ProcessingStartTime = change.Now });
        foreach (var task in group.Tasks)
            change.Set(change.Task(task.Name) with { Status = TaskGroupStatus.Processing });

        change.Issue(group.Name, sequence => new BackendJob.CreateGroup
        {
            JobId = JobIds.CreateGroup(change.Plan, group.Name),
            Group = group.Name,
            Sequence = sequence,
        });
    }

    /// <summary>
    /// Moves a group forward to SCHEDULING, INITIALIZING or RUNNING. What its other tasks did has moved it before, so when one of them moves
    /// forward the group is where it was or where that task is now: no need to ask them all again.
    /// </summary>
    public static void Advance(TransitionBuilder change, GroupPlan group, TaskGroupStatus status)
    {
        var state = change.Group(group.Name);
        if (status <= state.Status)
            return;

        change.Touch(state);
        change.Set(status switch
        {
            TaskGroupStatus.Scheduling => state with { Status = status, SchedulingStartTime = change.Now },
            TaskGroupStatus.Initializing => state with { Status = status, InitializingStartTime = change.Now },
            TaskGroupStatus.Running => state with { Status = status, StartTime = change.Now },
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, "A group cannot advance to this."),
        });
    }

    /// <summary>One of its tasks ended, and what that meant for the others is done.</summary>
    public static void AfterEnd(TransitionBuilder change, GroupPlan group, Ending ending)
    {
        var status = Aggregate(change, group);
        if (status.IsFinished)
            End(change, group, status, ending.Message);
        else
            Advance(change, group, status);
    }

    /// <summary>Ends the whole group, and what is still alive in it, by one decision.</summary>
    public static void EndAll(TransitionBuilder change, GroupPlan group, Ending ending, bool force = false)
    {
        if (change.Group(group.Name).Status.IsFinished)
            return;

        Attempts.EndAll(change, group, ending);
        End(change, group, ending.Status, ending.Message, force);
    }

    /// <summary>Ends what is still alive in the group; the group's own status follows from its tasks.</summary>
    public static void Abandon(TransitionBuilder change, GroupPlan group, Ending ending)
    {
        if (change.Group(group.Name).Status.IsFinished)
            return;

        Attempts.EndAll(change, group, ending);
        AfterEnd(change, group, ending);
    }

    private static TaskGroupStatus Aggregate(TransitionBuilder change, GroupPlan group) => Aggregation.OfTasks(
        group.Tasks.Select(task => (change.Index.IsLead(group.Name, task.Name), change.Task(task.Name).Status)), group.IgnoreNonleadStatus);

    private static void End(TransitionBuilder change, GroupPlan group, TaskGroupStatus status, string message, bool force = false)
    {
        var state = change.Group(group.Name);
        if (state.Status.IsFinished)
            return;

        foreach (var task in group.Tasks)
            change.Touch(state, change.Task(task.Name));

        change.Set(state with { Status = status, EndTime = change.Now, FailureMessage = status.IsFailed ? message : null });
        change.Ended.Enqueue(group);
        Cleanup.AfterEnd(change, group, force);
    }
}
