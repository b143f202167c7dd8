namespace Osmo.Workflows.Lifecycle;

/// <summary>A node is gone, and with it the pods that were on it (contract: lifecycle §24 no. 9).</summary>
internal static class NodeRemoval
{
    public static void Apply(TransitionBuilder change, WorkflowEvent.NodeRemoved removal)
    {
        foreach (var group in change.Plan.Groups)
        {
            foreach (var task in group.Tasks)
            {
                var attempt = change.Task(task.Name);
                if (attempt.Status.IsOnBackend && attempt.NodeName == removal.Node)
                    Attempts.End(change, group, task, Endings.NodeRemoved);
            }
        }
    }
}
