using System.Collections.Immutable;

namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// The first state of a workflow (contract: lifecycle §3). Submit is one step: groups are WAITING or already PROCESSING, never in
/// between.
/// </summary>
internal static class Submission
{
    public static Transition Start(WorkflowPlan plan, DateTime now)
    {
        var change = new TransitionBuilder(AllWaiting(plan, now), now);
        foreach (var group in plan.Groups)
        {
            if (group.Upstream.IsEmpty)
                GroupProgress.Start(change, group);
        }

        WorkflowProgress.Update(change);
        var transition = change.Build();
        var next = transition.Next;
        return transition with
        {
            HeadChanged = true,
            ChangedGroups = [.. plan.Groups.Select(group => next.Groups[group.Name])],
            ChangedTasks = [.. plan.Groups.SelectMany(group => group.Tasks).Select(task => next.Tasks[task.Name])],
        };
    }

    private static Workflow AllWaiting(WorkflowPlan plan, DateTime now) => new(
        plan,
        new WorkflowState { Status = WorkflowStatus.Pending, SubmitTime = now },
        plan.Groups.ToImmutableDictionary(
            group => group.Name,
            group => new GroupState { Name = group.Name, Status = TaskGroupStatus.Waiting, RemainingUpstream = group.Upstream },
            StringComparer.Ordinal),
        plan.Groups.SelectMany(group => group.Tasks, (group, task) => (group, task)).ToImmutableDictionary(
            entry => entry.task.Name,
            entry => new TaskState { Group = entry.group.Name, Name = entry.task.Name, RetryId = 0, Status = TaskGroupStatus.Waiting },
            StringComparer.Ordinal));
}
