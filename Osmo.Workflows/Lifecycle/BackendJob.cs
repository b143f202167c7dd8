using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// Work for the backend that a transition asks for; each becomes a job row, committed with the state.
/// Jobs of one group reach the operator one after the other in the order of <see cref="Sequence"/>: a job is handed out only when no job
/// of its group with a smaller number is open or still being executed. That is what makes it safe to close a creation that nobody
/// confirmed and to put the clean-up behind it.
/// <see cref="LabelNode"/> stands outside of this order: it waits for none, and none waits for it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CreateGroup), nameof(CreateGroup))]
[JsonDerivedType(typeof(CleanupGroup), nameof(CleanupGroup))]
[JsonDerivedType(typeof(RescheduleTask), nameof(RescheduleTask))]
[JsonDerivedType(typeof(LabelNode), nameof(LabelNode))]
public abstract record BackendJob
{
    private BackendJob() { }

    /// <summary>Stable id; the same work has the same id (contract: lifecycle §14).</summary>
    public required string JobId { get; init; }

    public required string Group { get; init; }

    /// <summary>Counts the group's jobs from 1.</summary>
    public required int Sequence { get; init; }

    /// <summary>Create the group's objects; what exists already is left alone.</summary>
    public sealed record CreateGroup : BackendJob;

    /// <summary>Remove the group's objects. With <see cref="ErrorLogs"/> the failed containers' last lines are collected first.</summary>
    public sealed record CleanupGroup : BackendJob
    {
        public bool Force { get; init; }

        public bool ErrorLogs { get; init; }
    }

    /// <summary>Replace a task's pod: remove the pod of attempt <c>RetryId - 1</c>, then create that of <c>RetryId</c>.</summary>
    public sealed record RescheduleTask : BackendJob
    {
        public required string Task { get; init; }

        public required int RetryId { get; init; }
    }

    /// <summary>Mark a node that failed its preflight test (contract: lifecycle §9).</summary>
    public sealed record LabelNode : BackendJob
    {
        public required string Node { get; init; }

        public required ImmutableSortedDictionary<string, string> Labels { get; init; }
    }
}
