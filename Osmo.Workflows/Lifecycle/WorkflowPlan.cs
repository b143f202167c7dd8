using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// What submit fixed and the lifecycle needs to know, once and for ever: groups in specification order, their tasks, dependencies, limits.
/// It never changes; a workflow's moving parts are <see cref="WorkflowState"/>, <see cref="GroupState"/> and <see cref="TaskState"/>.
/// </summary>
public sealed record WorkflowPlan
{
    /// <summary>32 lower-case hex digits.</summary>
    public required string WorkflowUuid { get; init; }

    /// <summary><c>name-number</c>.</summary>
    public required string WorkflowId { get; init; }

    public required string User { get; init; }

    public required string Pool { get; init; }

    public required string Backend { get; init; }

    public required WorkflowPriority Priority { get; init; }

    /// <summary>Limit from a group's first RUNNING (contract: lifecycle §15).</summary>
    public required TimeSpan ExecTimeout { get; init; }

    /// <summary>Limit while a group is SCHEDULING (contract: lifecycle §15).</summary>
    public required TimeSpan QueueTimeout { get; init; }

    /// <summary>Limit from a task attempt's first sign of starting (<c>max_pod_restart_limit</c>, contract: lifecycle §15).</summary>
    public required TimeSpan StartTimeout { get; init; }

    /// <summary><c>max_retry_per_task</c>: how many times a task may be rescheduled (contract: lifecycle §10).</summary>
    public required int MaxRetriesPerTask { get; init; }

    /// <summary>The pool's <c>default_exit_actions</c>, consulted after the task's own.</summary>
    public ImmutableArray<ExitAction> DefaultExitActions { get; init; } = [];

    public required ImmutableArray<GroupPlan> Groups { get; init; }
}

/// <summary>The fixed part of a group: what was decided at submit (contract: lifecycle §3).</summary>
public sealed record GroupPlan
{
    public required string Name { get; init; }

    public required string Uuid { get; init; }

    /// <summary>
    /// Names of the groups that must complete before this one starts; all stand before it in <see cref="WorkflowPlan.Groups"/>.
    /// </summary>
    public ImmutableArray<string> Upstream { get; init; } = [];

    public ImmutableArray<string> Downstream { get; init; } = [];

    public bool IgnoreNonleadStatus { get; init; } = true;

    /// <summary>True when tasks wait for each other before the user command: asked for, and more than one task.</summary>
    public bool Barrier { get; init; }

    public required ImmutableArray<TaskPlan> Tasks { get; init; }
}

/// <summary>The fixed part of a task: what was decided at submit (contract: lifecycle §3).</summary>
public sealed record TaskPlan
{
    public required string Name { get; init; }

    /// <summary>The same for every attempt.</summary>
    public required string Uuid { get; init; }

    public bool Lead { get; init; }

    public ImmutableArray<ExitAction> ExitActions { get; init; } = [];

    /// <summary>What the attempt asks of a node, for lists and usage: storage and memory in GiB (contract: api-rest §8.6).</summary>
    public TaskResources Resources { get; init; } = new();
}

/// <summary>Requested resources of a task: GiB, cores, GiB, GPUs.</summary>
public sealed record TaskResources(double Storage = 0, int Cpu = 0, double Memory = 0, int Gpu = 0);

/// <summary>What an exit code makes of a task (contract: workflow-spec §6.7, lifecycle §10).</summary>
[JsonConverter(typeof(WireEnumConverter<ExitActionKind>))]
public enum ExitActionKind
{
    Complete = 1,
    Fail,
    Reschedule,
}

/// <summary>
/// What happens to a task that ends with an exit code in <see cref="First"/>..<see cref="Last"/>, inclusive (contract: lifecycle §10).
/// </summary>
public sealed record ExitAction(ExitActionKind Kind, int First, int Last);
