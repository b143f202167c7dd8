namespace Osmo.Workflows.Lifecycle;

/// <summary>What the end of a group means for the groups that depend on it (contract: lifecycle §11).</summary>
internal static class Dependencies
{
    /// <summary>
    /// Starts the groups whose last upstream group has completed, and fails those that can never start, down the whole chain.
    /// </summary>
    public static void Propagate(TransitionBuilder change)
    {
        while (change.Ended.TryDequeue(out var ended))
        {
            var completed = change.Group(ended.Name).Status == TaskGroupStatus.Completed;
            foreach (var name in ended.Downstream)
            {
                var downstream = change.Index.Group(name);
                if (!completed)
                    GroupProgress.EndAll(change, downstream, Endings.UpstreamFailed);
                else
                    Release(change, downstream, ended.Name);
            }
        }
    }

    private static void Release(TransitionBuilder change, GroupPlan group, string upstream)
    {
        var state = change.Group(group.Name);
        if (state.Status != TaskGroupStatus.Waiting)
            return;

        state = state with { RemainingUpstream = state.RemainingUpstream.Remove(upstream) };
        change.Set(state);
        if (state.RemainingUpstream.IsEmpty)
            GroupProgress.Start(change, group);
    }
}
