using Osmo.Simulation.Record;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Invariants;

/// <summary>At rest, group and workflow status are the contract's function of their tasks (contract: lifecycle §5, §6), written here once more, from the text.</summary>
internal sealed class I4 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) =>
        from workflow in run.Workflows
        let plan = run.Rows.Plan(workflow.Uuid)
        where plan is not null
        from what in Groups(run, plan).Concat(Workflow(run, plan))
        select what;

    private static IEnumerable<string> Groups(RunRecord run, WorkflowPlan plan) =>
        from @group in plan.Groups
        let status = run.Rows.Group(plan.WorkflowUuid, @group.Name)!.Status
        let tasks = @group.Tasks.Select(task => (task, run.Rows.Latest(plan.WorkflowUuid, task.Name)!.Status)).ToList()
        where status.IsFinished && !Follows(@group, status, tasks)
        select $"group {@group.Name} of {plan.WorkflowId} is {status} with tasks {string.Join(", ", tasks.Select(task => task.Status))}";

    private static bool Follows(GroupPlan group, TaskGroupStatus status, List<(TaskPlan Plan, TaskGroupStatus Status)> tasks)
    {
        // Decisions about the whole group are applied directly, to whatever of it was alive.
        if (status.IsCanceled) return tasks.Exists(task => task.Status == status);

        var considered = tasks.Where(task => !group.IgnoreNonleadStatus || task.Plan.Lead || tasks.Count == 1).Select(task => task.Status).ToHashSet();
        var expected = tasks.Exists(task => task.Status == TaskGroupStatus.FailedUpstream) ? TaskGroupStatus.FailedUpstream
            : considered.Contains(TaskGroupStatus.FailedServerError) ? TaskGroupStatus.FailedServerError
            : considered.Contains(TaskGroupStatus.FailedPreempted) ? TaskGroupStatus.FailedPreempted
            : considered.Contains(TaskGroupStatus.FailedEvicted) ? TaskGroupStatus.FailedEvicted
            : considered.Any(task => task.IsFailed) ? TaskGroupStatus.Failed
            : TaskGroupStatus.Completed;
        return status == expected && tasks.TrueForAll(task => task.Status.IsGroupFinished);
    }

    private static IEnumerable<string> Workflow(RunRecord run, WorkflowPlan plan)
    {
        var head = run.Rows.Head(plan.WorkflowUuid)!;
        var groups = plan.Groups.Select(group => run.Rows.Group(plan.WorkflowUuid, group.Name)!.Status).ToList();
        if (head.Status.IsFinished && head.Status.ToString() != Expected(groups))
        {
            yield return $"{plan.WorkflowId} is {head.Status} with groups {string.Join(", ", groups)}";
        }
    }

    private static string Expected(List<TaskGroupStatus> groups)
    {
        if (groups.Exists(group => !group.IsFinished)) return "not finished";

        TaskGroupStatus[] decisive =
            [TaskGroupStatus.FailedCanceled, TaskGroupStatus.FailedServerError, TaskGroupStatus.FailedExecTimeout, TaskGroupStatus.FailedQueueTimeout];
        foreach (var status in decisive.Where(groups.Contains)) return status.ToString();

        var failures = groups.Where(group => group.IsFailed && group != TaskGroupStatus.FailedUpstream).Distinct().ToList();
        return failures switch
        {
            [] => groups.TrueForAll(group => group == TaskGroupStatus.Completed) ? nameof(WorkflowStatus.Completed) : nameof(WorkflowStatus.Failed),
            [var only] => only.ToString(),
            _ => nameof(WorkflowStatus.Failed),
        };
    }
}
