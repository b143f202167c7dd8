namespace Osmo.Workflows.Lifecycle;

/// <summary>What the end of one task means for the others of its group (contract: lifecycle §8).</summary>
internal static class LeadRules
{
    /// <param name="ended">The attempt as it was before it ended.</param>
    public static void AfterEnd(TransitionBuilder change, GroupPlan group, TaskState ended, TaskGroupStatus status)
    {
        var isLead = change.Index.IsLead(group.Name, ended.Name);
        var concernsAll = isLead || !group.IgnoreNonleadStatus;

        if (status == TaskGroupStatus.Rescheduled)
        {
            if (concernsAll)
                RestartOthers(change, group, ended.Name);
        }
        else if (isLead)
        {
            Attempts.EndAll(change, group, Endings.LeadFinished(completed: status == TaskGroupStatus.Completed));
        }
        else if (status.IsFailed && concernsAll)
        {
            Attempts.EndAll(change, group, Endings.OtherFailed(ended.Name));
        }
        else if (!ended.AtBarrier)
        {
            // The others may have waited for this task alone.
            Barrier.ReleaseIfComplete(change, group);
        }
    }

    /// <summary>The others start over in the pods they have, and meet the new attempt at the barrier.</summary>
    private static void RestartOthers(TransitionBuilder change, GroupPlan group, string rescheduled)
    {
        foreach (var task in group.Tasks)
        {
            var attempt = change.Task(task.Name);
            if (task.Name == rescheduled || attempt.Status.IsFinished)
                continue;

            if (attempt.Status.IsOnBackend)
                Restarts.Order(change, attempt);
            else if (attempt.AtBarrier)
                change.Set(attempt with { AtBarrier = false });
        }
    }
}
