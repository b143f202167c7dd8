using System.Collections.Immutable;

namespace Osmo.Workflows.Lifecycle;

/// <summary>A workflow as the machine sees it: the plan and the current state of all its parts.</summary>
/// <param name="Groups">By group name.</param>
/// <param name="Tasks">The latest attempt of each task, by task name.</param>
public sealed record Workflow(
    WorkflowPlan Plan,
    WorkflowState State,
    ImmutableDictionary<string, GroupState> Groups,
    ImmutableDictionary<string, TaskState> Tasks)
{
    private PlanIndex? _index;

    public GroupPlan GroupPlan(string name) => Index.Group(name);

    public TaskPlan TaskPlan(string name) =>
        Index.TryFindTask(name, out _, out var task) ? task : throw new KeyNotFoundException($"The plan has no task '{name}'.");

    /// <summary>Look-ups into the plan, made once per plan and carried from state to state.</summary>
    internal PlanIndex Index => _index is { } index && ReferenceEquals(index.Plan, Plan) ? index : _index = new PlanIndex(Plan);
}
