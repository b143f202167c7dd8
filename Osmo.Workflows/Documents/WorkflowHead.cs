using System.Collections.Immutable;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Documents;

/// <summary>The row of a workflow: who, where, and the moving state. Lists read it; its generated columns are named after these properties.</summary>
public sealed record WorkflowHead
{
    public required string WorkflowUuid { get; init; }

    /// <summary><c>name-number</c>.</summary>
    public required string WorkflowId { get; init; }

    public required string Name { get; init; }

    public required int Number { get; init; }

    public required string User { get; init; }

    public required string Pool { get; init; }

    /// <summary>Null for a rejected submission whose pool had none.</summary>
    public string? Backend { get; init; }

    public required WorkflowPriority Priority { get; init; }

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableArray<string> Tags { get; init; } = [];

    public string? ParentName { get; init; }

    public int? ParentNumber { get; init; }

    public string? AppUuid { get; init; }

    public string? AppOwner { get; init; }

    public string? AppName { get; init; }

    public int? AppVersion { get; init; }

    /// <summary>Seconds; null for a rejected submission.</summary>
    public double? ExecTimeout { get; init; }

    /// <summary>Seconds; null for a rejected submission.</summary>
    public double? QueueTimeout { get; init; }

    public required WorkflowStatus Status { get; init; }

    public required DateTime SubmitTime { get; init; }

    public DateTime? StartTime { get; init; }

    public DateTime? EndTime { get; init; }

    public string? CancelledBy { get; init; }

    public string? FailureMessage { get; init; }

    public bool Archived { get; init; }

    /// <summary>Sequence of the oldest chunk in the archive of the log; null when it has all of them.</summary>
    public long? LogsFrom { get; init; }

    public bool BackendRemoved { get; init; }

    public ImmutableArray<OutboxEntry> Outbox { get; init; } = [];

    /// <summary>When something is to be done although no message comes: the earliest deadline, or the last write while the outbox is not empty.</summary>
    public DateTime? WakeAt { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public WorkflowState State => new()
    {
        Status = Status,
        SubmitTime = SubmitTime,
        StartTime = StartTime,
        EndTime = EndTime,
        CancelledBy = CancelledBy,
        FailureMessage = FailureMessage,
        Archived = Archived,
        BackendRemoved = BackendRemoved,
        Outbox = Outbox,
    };

    public WorkflowHead With(WorkflowState state, DateTime? wakeAt) => this with
    {
        Status = state.Status,
        SubmitTime = state.SubmitTime,
        StartTime = state.StartTime,
        EndTime = state.EndTime,
        CancelledBy = state.CancelledBy,
        FailureMessage = state.FailureMessage,
        Archived = state.Archived,
        BackendRemoved = state.BackendRemoved,
        Outbox = state.Outbox,
        WakeAt = wakeAt,
    };
}
