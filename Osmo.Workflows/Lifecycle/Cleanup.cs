namespace Osmo.Workflows.Lifecycle;

/// <summary>Removes what an ended group left on the backend (contract: lifecycle §17).</summary>
internal static class Cleanup
{
    /// <summary>Pods that are told to end take their time, and their last reports come after the clean-up.</summary>
    public static readonly TimeSpan LeftoverPatience = TimeSpan.FromMinutes(10);

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

    /// <summary>
    /// Somebody insists on an ended group: whatever is left of it goes at once. A clean-up that is replaced may not have come to collect what it was to.
    /// </summary>
    public static void Force(TransitionBuilder change, GroupPlan group)
    {
        var open = change.Group(group.Name).OpenJobs.OfType<BackendJob.CleanupGroup>().ToArray();
        if (change.State.BackendRemoved || open.Any(cleanup => cleanup.Force))
            return;

        change.CloseJobs(group.Name, job => job is BackendJob.CleanupGroup);
        Issue(change, group.Name, force: true, errorLogs: open.Any(cleanup => cleanup.ErrorLogs));
    }

    /// <summary>
    /// Something of an ended group is on the backend although its clean-up is long over: a job went on after its connection was lost, or the
    /// clean-up was refused. It is cleaned up once more, and again as long as something is seen, never sooner than
    /// <see cref="LeftoverPatience"/> after the last time.
    /// </summary>
    public static void LeftoverSeen(TransitionBuilder change, string group)
    {
        var state = change.Group(group);
        if (state.Status.IsFinished
            && state is { OpenJobs: [], CleanedUp: true } or { OpenJobs: [], CleanupFailure: not null }
            && !change.State.BackendRemoved
            && change.Now - (state.CleanupEndTime ?? state.EndTime) >= LeftoverPatience)
        {
            Issue(change, group, force: false, errorLogs: false);
        }
    }

    public static void LeftoverSeen(TransitionBuilder change, WorkflowEvent.LeftoverSeen seen)
    {
        if (change.Index.GroupNameOf(seen.GroupUuid) is { } group)
            LeftoverSeen(change, group);
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
