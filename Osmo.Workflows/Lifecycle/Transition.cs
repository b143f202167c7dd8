using System.Collections.Immutable;

namespace Osmo.Workflows.Lifecycle;

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

    /// <summary>To be sent after the commit; also when nothing changed (a task that asks again at an open barrier).</summary>
    public ImmutableArray<RuntimeAction> Actions { get; init; } = [];
}
