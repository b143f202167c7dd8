using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>
/// What besides the text decides whether a specification may run in a pool, gathered by the caller before the checks (contract:
/// workflow-spec §8.4). Immutable, so that one submission is judged by one state of the world.
/// </summary>
public sealed record SubmissionFacts
{
    public required string User { get; init; }

    public required PoolModel Pool { get; init; }

    public required WorkflowConfig Workflow { get; init; }

    public required SchedulerSettings Scheduler { get; init; }

    public WorkflowPriority Priority { get; init; } = WorkflowPriority.Normal;

    /// <summary>Whether the caller has the role <c>osmo-admin</c>, which passes maintenance.</summary>
    public bool IsAdministrator { get; init; }

    /// <summary>
    /// Status of the tasks of other workflows that the specification reads from; a missing entry is a task that does not exist.
    /// </summary>
    public ImmutableDictionary<TaskOfWorkflow, TaskGroupStatus> OtherTasks { get; init; } =
        ImmutableDictionary<TaskOfWorkflow, TaskGroupStatus>.Empty;

    /// <summary>Available nodes of each platform of the pool.</summary>
    public ImmutableDictionary<string, ImmutableArray<NodeCandidate>> Nodes { get; init; } =
        ImmutableDictionary<string, ImmutableArray<NodeCandidate>>.Empty;

    /// <summary>Keys of the user's generic credentials, by credential name.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> GenericCredentials { get; init; } =
        ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Profiles of the user's data credentials, such as <c>s3://bucket</c>.</summary>
    public ImmutableHashSet<string> DataProfiles { get; init; } = [];
}

/// <summary>A task of another workflow, named in an input.</summary>
public readonly record struct TaskOfWorkflow(string WorkflowId, string Task)
{
    /// <summary>All that a specification names: what the caller has to look up.</summary>
    public static ImmutableArray<TaskOfWorkflow> In(WorkflowSpec spec) =>
    [
        .. spec.Groups.SelectMany(group => group.Tasks).SelectMany(task => task.Inputs).OfType<InputSpec.FromOtherWorkflow>()
            .Select(input => new TaskOfWorkflow(input.WorkflowId, input.Task)).Distinct(),
    ];
}

/// <summary>A node that could run tasks of a platform (contract: config §9, §11).</summary>
public sealed record NodeCandidate
{
    public required string Name { get; init; }

    /// <summary><c>pool/platform</c>, every one that the node belongs to.</summary>
    public required ImmutableArray<string> PoolPlatforms { get; init; }

    public required NodeCapacity Capacity { get; init; }

    /// <summary>What lists show of the node: <c>storage</c>, <c>cpu</c>, <c>memory</c>, <c>gpu</c>.</summary>
    public required NodeFigures Shown { get; init; }
}

/// <summary>What a node can give to workflows: cores, GPUs, and Ki.</summary>
public readonly record struct NodeCapacity(double Cpu, double Gpu, double MemoryKibibytes, double StorageKibibytes);

/// <summary>Figures as people read them: memory and storage in whole Gi.</summary>
public readonly record struct NodeFigures(string Storage, string Cpu, string Memory, string Gpu);
