namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// Somebody wants the workflow to end (contract: lifecycle §16). Every live group ends at once, whatever it is doing; a forced cancel
/// also cleans up what has ended before.
/// </summary>
internal static class Cancel
{
    public static bool IsAllowed(WorkflowState state, bool force) => force || state.Status.IsAlive;

    public static void Apply(TransitionBuilder change, WorkflowEvent.CancelRequested request)
    {
        if (!IsAllowed(change.State, request.Force))
            return;
        if (change.State.Status.IsAlive)
            change.Set(change.State with { CancelledBy = request.User });

        var ending = Endings.Canceled(request.User, request.Message);
        foreach (var group in change.Plan.Groups)
        {
            if (!change.Group(group.Name).Status.IsFinished)
                GroupProgress.EndAll(change, group, ending, request.Force);
            else if (request.Force)
                Cleanup.Force(change, group);
        }
    }
}
