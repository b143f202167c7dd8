using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Osmo.Workflows.Objects;

namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// The moving part of a workflow's head. Times are UTC, taken when the control plane processed the change (contract: lifecycle §1).
/// </summary>
public sealed record WorkflowState
{
    public required WorkflowStatus Status { get; init; }

    public required DateTime SubmitTime { get; init; }

    public DateTime? StartTime { get; init; }

    public DateTime? EndTime { get; init; }

    /// <summary>Who asked for the cancel, set when it was accepted.</summary>
    public string? CancelledBy { get; init; }

    public string? FailureMessage { get; init; }

    /// <summary>True once the logs are in object storage and every live buffer is gone.</summary>
    public bool Archived { get; init; }

    /// <summary>True once the backend is gone: nothing can be asked of it any more.</summary>
    public bool BackendRemoved { get; init; }

    /// <summary>Effects that are committed but not yet known to be performed, other than work for the backend.</summary>
    public ImmutableArray<OutboxEntry> Outbox { get; init; } = [];
}

/// <summary>One effect to perform after the commit, idempotent by <see cref="Id"/>.</summary>
public sealed record OutboxEntry(string Id, OutboxKind Kind);

/// <summary>The kinds of effects that are performed after the commit.</summary>
[JsonConverter(typeof(WireEnumConverter<OutboxKind>))]
public enum OutboxKind
{
    /// <summary>Put logs and events into object storage and end live readers (contract: lifecycle §17).</summary>
    Archive = 1,

    /// <summary>Tell the user by mail how the workflow ended (contract: lifecycle §21).</summary>
    Mail,

    /// <summary>Tell the user on Slack.</summary>
    Slack,
}

/// <summary>The moving part of a group.</summary>
public sealed record GroupState
{
    public required string Name { get; init; }

    public required TaskGroupStatus Status { get; init; }

    public DateTime? ProcessingStartTime { get; init; }

    public DateTime? SchedulingStartTime { get; init; }

    public DateTime? InitializingStartTime { get; init; }

    public DateTime? StartTime { get; init; }

    public DateTime? EndTime { get; init; }

    public string? FailureMessage { get; init; }

    /// <summary>Upstream groups that have not completed yet; only shrinks.</summary>
    public ImmutableArray<string> RemainingUpstream { get; init; } = [];

    /// <summary>True once nothing of the group is left on the backend.</summary>
    public bool CleanedUp { get; init; }

    /// <summary>Why the clean-up was given up; the workflow is archived all the same.</summary>
    public string? CleanupFailure { get; init; }

    /// <summary>When the operator last answered to a clean-up of the group, whatever it was.</summary>
    public DateTime? CleanupEndTime { get; init; }

    /// <summary>
    /// Kinds of objects that the group was created with, beyond those that every group has; only grows. The configuration may say something
    /// else by the time of the clean-up.
    /// </summary>
    public ImmutableArray<ObjectKind> BroughtIn { get; init; } = [];

    /// <summary>How many jobs were ever issued for the group; gives the next <see cref="BackendJob.Sequence"/>.</summary>
    public int JobsIssued { get; init; }

    /// <summary>
    /// Jobs of this group that are neither confirmed nor moot, in the order of issue; each is also a row of its own, written and deleted
    /// with the group.
    /// </summary>
    public ImmutableArray<BackendJob> OpenJobs { get; init; } = [];
}

/// <summary>One attempt of a task. The attempt with the highest <see cref="RetryId"/> is "the task".</summary>
public sealed record TaskState
{
    public required string Group { get; init; }

    public required string Name { get; init; }

    public required int RetryId { get; init; }

    public required TaskGroupStatus Status { get; init; }

    public DateTime? SchedulingStartTime { get; init; }

    public DateTime? InitializingStartTime { get; init; }

    public DateTime? StartTime { get; init; }

    public DateTime? EndTime { get; init; }

    /// <summary>When the attempt fails unless it runs by then; set at the first sign of starting.</summary>
    public DateTime? StartDeadline { get; init; }

    /// <summary>What the operator said when <see cref="StartDeadline"/> was set; the failure message if it passes.</summary>
    public string? StartMessage { get; init; }

    /// <summary>True when the attempt waits at the group's barrier or has passed it (contract: lifecycle §8).</summary>
    public bool AtBarrier { get; init; }

    /// <summary>How many restarts were asked of the attempt's runtime; null when none was.</summary>
    public int? Restarts { get; init; }

    /// <summary>Number of the restart that the runtime is not known to have heard of.</summary>
    public int? RestartDue { get; init; }

    public int? ExitCode { get; init; }

    public string? FailureMessage { get; init; }

    public string? NodeName { get; init; }

    public string? PodIp { get; init; }

    public DateTime? InputDownloadStartTime { get; init; }

    public DateTime? InputDownloadEndTime { get; init; }

    public DateTime? OutputUploadStartTime { get; init; }

    public DateTime? OutputUploadEndTime { get; init; }
}
