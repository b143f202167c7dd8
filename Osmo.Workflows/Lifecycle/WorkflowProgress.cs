namespace Osmo.Workflows.Lifecycle;

/// <summary>The workflow follows its groups (contract: lifecycle §6), and is archived exactly once.</summary>
internal static class WorkflowProgress
{
    public static void Update(TransitionBuilder change)
    {
        if (change.State.Status.IsAlive)
            Follow(change, Aggregation.OfGroups(change.Plan.Groups.Select(group => change.Group(group.Name).Status)));
        if (change.State.Status.IsFinished)
            ArchiveWhenClean(change);
    }

    private static void Follow(TransitionBuilder change, WorkflowStatus status)
    {
        var state = change.State;
        if (status == WorkflowStatus.Running && state.Status != WorkflowStatus.Running)
        {
            change.Set(state with { Status = status, StartTime = state.StartTime ?? change.Now });
        }
        else if (status.IsFinished)
        {
            foreach (var group in change.Plan.Groups)
                change.Touch(change.Group(group.Name));

            change.Set(state with { Status = status, EndTime = change.Now });
        }
    }

    /// <summary>Log readers are kept until no pod is left that could write; a clean-up that was given up keeps nobody.</summary>
    private static void ArchiveWhenClean(TransitionBuilder change)
    {
        var state = change.State;
        if (state.Archived || state.Outbox.Any(entry => entry.Kind == OutboxKind.Archive))
            return;

        if (change.Plan.Groups.All(group => change.Group(group.Name) is { CleanedUp: true } or { CleanupFailure: not null }))
            Outbox.Add(change, OutboxKind.Archive);
    }
}
