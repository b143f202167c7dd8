using System.Collections.Immutable;

namespace Osmo.Workflows.Lifecycle;

/// <summary>A workflow as the machine sees it: the plan and the current state of all its parts.</summary>
/// <param name="Groups">By group name.</param>
/// <param name="Tasks">The latest attempt of each task, by task name.</param>
public sealed record Workflow(
    WorkflowPlan Plan,
    WorkflowState State,
    ImmutableDictionary<string, GroupState> Groups,
    ImmutableDictionary<string, TaskState> Tasks);

/// <summary>What one event did: the next state, which parts of it changed (and must be written), and what is to be done.</summary>
public sealed record Transition
{
    public required Workflow Next { get; init; }

    public bool HeadChanged { get; init; }

    public ImmutableArray<GroupState> ChangedGroups { get; init; } = [];

    /// <summary>Changed attempts, and new ones. An attempt that was replaced stands here before its successor.</summary>
    public ImmutableArray<TaskState> ChangedTasks { get; init; } = [];

    public ImmutableArray<BackendJob> NewJobs { get; init; } = [];

    /// <summary>Jobs that are done, failed or moot; their rows go.</summary>
    public ImmutableArray<string> ClosedJobs { get; init; } = [];

    public ImmutableArray<RuntimeAction> Actions { get; init; } = [];

    public bool ChangedNothing => !HeadChanged && ChangedGroups.IsEmpty && ChangedTasks.IsEmpty && NewJobs.IsEmpty && ClosedJobs.IsEmpty;
}
