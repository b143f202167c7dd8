using System.Collections.Immutable;
using Osmo.Workflows.Objects;

namespace Osmo.Workflows.Lifecycle;

/// <summary>
/// Everything that can happen to a submitted workflow. The machine answers for every event in every status; what no longer applies
/// changes nothing.
/// </summary>
public abstract record WorkflowEvent
{
    private WorkflowEvent() { }

    /// <summary>The operator's report of a pod (contract: backend-protocol §9.4 <c>update_pod</c>).</summary>
    public sealed record PodReported(
        string TaskUuid, int RetryId, TaskGroupStatus Status, string Message, int? ExitCode, string? Node, string? PodIp) : WorkflowEvent;

    /// <summary>
    /// A pod is pending past the queue: the start timer of the attempt runs from now (contract: backend-protocol §9.4
    /// <c>monitor_pod</c>).
    /// </summary>
    public sealed record PodStarting(string TaskUuid, int RetryId, string Message) : WorkflowEvent;

    /// <summary>The objects of a group were built, and are about to be handed to the operator.</summary>
    /// <param name="Group">Name of the group.</param>
    /// <param name="BroughtIn">Kinds among them beyond those that every group has.</param>
    public sealed record GroupBuilt(string Group, ImmutableArray<ObjectKind> BroughtIn) : WorkflowEvent;

    /// <summary>The operator sees objects of a group; whether they have an owner is not the operator's to know.</summary>
    public sealed record LeftoverSeen(string GroupUuid) : WorkflowEvent;

    /// <summary>The operator finished a job.</summary>
    public sealed record JobSucceeded(string JobId) : WorkflowEvent;

    /// <summary>The operator gave a job up; it must not be retried.</summary>
    public sealed record JobFailed(string JobId, string Message) : WorkflowEvent;

    /// <summary>
    /// Somebody wants the workflow to end (contract: lifecycle §16). Ask <see cref="WorkflowMachine.CanCancel"/> before.
    /// </summary>
    public sealed record CancelRequested(string User, string? Message, bool Force) : WorkflowEvent;

    /// <summary>Time has passed; whatever is due by now happens (contract: lifecycle §15).</summary>
    public sealed record TimePassed : WorkflowEvent;

    /// <summary>A node is gone (contract: lifecycle §24 no. 9).</summary>
    public sealed record NodeRemoved(string Node) : WorkflowEvent;

    /// <summary>The backend was deleted (contract: lifecycle §11).</summary>
    public sealed record BackendRemoved : WorkflowEvent;

    /// <summary>The in-pod runtime of a task waits for its group (contract: runtime-protocol §8).</summary>
    public sealed record BarrierReached(string Task, int RetryId) : WorkflowEvent;

    /// <summary>A restart was written to the connection of the attempt's runtime.</summary>
    public sealed record RestartSent(string Task, int RetryId, int Number) : WorkflowEvent;

    /// <summary>The in-pod runtime measured a transfer (contract: runtime-protocol §20).</summary>
    public sealed record TransferMeasured(string Task, int RetryId, bool IsUpload, DateTime? Start, DateTime? End) : WorkflowEvent;

    /// <summary>
    /// The user is to be told of the end, in these ways. It belongs to the very transition that ends the workflow, so that it is told once
    /// and only once (contract: lifecycle §21).
    /// </summary>
    public sealed record EndAnnounced(ImmutableArray<OutboxKind> Ways) : WorkflowEvent;

    /// <summary>An outbox entry was performed.</summary>
    public sealed record OutboxPerformed(string EntryId) : WorkflowEvent;
}
