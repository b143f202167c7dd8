namespace Osmo.Workflows.Lifecycle;

/// <summary>Removes what an ended group left on the backend (contract: lifecycle §17).</summary>
internal static class Cleanup
{
    /// <summary>What the clean-up will have to look for.</summary>
    public static void Remember(TransitionBuilder change, WorkflowEvent.GroupBuilt built)
    {
        var group = change.Group(built.Group);
        var more = built.BroughtIn.Except(group.BroughtIn).ToArray();
        if (more.Length > 0)
            change.Set(group with { BroughtIn = group.BroughtIn.AddRange(more) });
    }

    /// <summary>
    /// The group has ended: what was still to be created must not be created any more, and what was created must go.
    /// The clean-up comes after the creation in the order of the group's jobs, so it also finds what a closed but running creation made.
    /// </summary>
    public static void AfterEnd(TransitionBuilder change, GroupPlan group, bool force)
    {
        var errorLogs = HasErrorLogs(change, group);
        change.CloseJobs(group.Name, job => job is BackendJob.CreateGroup or BackendJob.RescheduleTask);
        Issue(change, group.Name, force, errorLogs);
    }

    /// <summary>Somebody insists on an ended group: whatever is left of it goes at once.</summary>
    public static void Force(TransitionBuilder change, GroupPlan group)
    {
        if (change.State.BackendRemoved || change.Group(group.Name).OpenJobs.Any(job => job is BackendJob.CleanupGroup { Force: true }))
            return;

        change.CloseJobs(group.Name, job => job is BackendJob.CleanupGroup);
        Issue(change, group.Name, force: true, errorLogs: false);
    }

    private static void Issue(TransitionBuilder change, string group, bool force, bool errorLogs) =>
        change.Issue(group, sequence => new BackendJob.CleanupGroup
        {
            JobId = JobIds.CleanupGroup(change.Plan, group, sequence, force),
            Group = group,
            Sequence = sequence,
            Force = force,
            ErrorLogs = errorLogs,
        });

    /// <summary>
    /// True when some pod that is still there failed by itself in a way that its last lines may explain: also a side task whose failure
    /// was ignored, and an attempt whose replacement never came. Attempts that only followed the end of another have no exit code.
    /// </summary>
    private static bool HasErrorLogs(TransitionBuilder change, GroupPlan group) =>
        change.Group(group.Name).OpenJobs.Any(job => job is BackendJob.RescheduleTask)
        || group.Tasks.Any(task => change.Task(task.Name) is { ExitCode: not null, Status.HasErrorLogs: true });
}
