namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// The backend was deleted (contract: lifecycle §11). Nobody will ever report or clean up again, so the workflow ends now: tasks that
/// were sent there by a backend error, groups that waited for them as after any upstream failure.
/// </summary>
internal static class BackendRemoval
{
    public static void Apply(TransitionBuilder change)
    {
        if (change.State.BackendRemoved)
            return;

        change.Set(change.State with { BackendRemoved = true });
        foreach (var group in change.Plan.Groups)
        {
            if (change.Group(group.Name).Status == TaskGroupStatus.Waiting)
                GroupProgress.EndAll(change, group, Endings.BackendGoneUpstream);
            else
                GroupProgress.Abandon(change, group, Endings.BackendGone);

            change.CloseJobs(group.Name, _ => true);
            if (!change.Group(group.Name).CleanedUp)
                change.Set(change.Group(group.Name) with { CleanedUp = true });
        }
    }
}
