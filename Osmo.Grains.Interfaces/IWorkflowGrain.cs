using System.Collections.Immutable;

namespace Osmo.Grains.Interfaces;

/// <summary>
/// One workflow from submit to archive; the key is the workflow uuid. It alone writes the rows of the workflow, its groups, attempts and jobs, and answers
/// after they are durable. It calls the pool, backend, task and log grains; none of them calls it.
/// </summary>
[Alias("osmo.IWorkflowGrain")]
public interface IWorkflowGrain : IGrainWithStringKey
{
    /// <summary>Accepts the workflow: one atomic write of all its rows. Repeating the call with the same uuid answers as the first did.</summary>
    [Alias("Submit")]
    Task<SubmitResult> Submit(SubmitWorkflow request);

    /// <summary>Stores a rejected specification as a FAILED_SUBMISSION workflow (contract: lifecycle §3). Returns its workflow id.</summary>
    [Alias("RecordRejection")]
    Task<string> RecordRejection(RejectedSubmission request);

    [Alias("Cancel")]
    Task<CancelResult> Cancel(CancelWorkflow request);

    /// <summary>Applies the operator's reports in order; when it returns they are durable and may be acknowledged.</summary>
    /// <param name="backend">Whose operator says so; of pods on another one it has nothing to say, and what it says is dropped.</param>
    [Alias("ReportPods")]
    Task ReportPods(string backend, ImmutableArray<PodReport> reports);

    /// <summary>
    /// The operator of this backend sees objects of these groups, but no pod. Those that have an owner, are none of this workflow's, or lie on another backend are none of
    /// its business.
    /// </summary>
    [Alias("ReportLeftovers")]
    Task ReportLeftovers(string backend, ImmutableArray<string> groupUuids);

    /// <summary>The document of an open job, ready to send, or nothing when the job is moot and should be closed. That it was handed out is durable when this returns.</summary>
    /// <param name="order">As in its ticket; null for a job that was handed out before.</param>
    [Alias("PrepareJob")]
    Task<PreparedJob> PrepareJob(string jobId, long? order);

    /// <summary>The operator's final answer to a job.</summary>
    [Alias("FinishJob")]
    Task FinishJob(JobResult result);

    /// <summary>A runtime has connected, or asks again: whether the attempt may run and what it has missed.</summary>
    [Alias("AttachRuntime")]
    Task<RuntimeAttachment> AttachRuntime(string task, int retryId);

    /// <summary>A runtime waits at its group's barrier. When the group is complete every member is sent the release; true when it already is.</summary>
    [Alias("ReachBarrier")]
    Task<bool> ReachBarrier(string task, int retryId);

    /// <summary>A restart was written to the runtime's connection; it need not be sent again unless the runtime could prove more.</summary>
    [Alias("ConfirmRestart")]
    Task ConfirmRestart(string task, int retryId, int number);

    [Alias("RecordTransfer")]
    Task RecordTransfer(TransferMeasurement measurement);

    /// <summary>Checks the refresh token of an attempt (contract: runtime-protocol §6).</summary>
    [Alias("CheckRefreshToken")]
    Task<RefreshTokenCheck> CheckRefreshToken(RefreshTokenRequest request);

    [Alias("RemoveNode")]
    Task RemoveNode(string node);

    /// <summary>The backend is being deleted: nobody will report of it or clean up on it again (contract: lifecycle §11).</summary>
    [Alias("RemoveBackend")]
    Task RemoveBackend();

    /// <summary>Adds and removes tags (contract: api-rest §8.8); false when there is no such workflow.</summary>
    [Alias("SetTags")]
    Task<bool> SetTags(ImmutableArray<string> add, ImmutableArray<string> remove);

    /// <summary>
    /// Does whatever is due: deadlines, effects left over by a crash. It only starts effects and waits for nobody else's server; what has been woken is not due again at once.
    /// </summary>
    [Alias("Wake")]
    Task Wake();
}

/// <param name="WorkflowUuid">Chosen by the caller, so that a repeated submit is recognised. 32 lower-case hex digits.</param>
/// <param name="Spec">The validated specification, JSON of <c>Osmo.Workflows.Specification.WorkflowSpec</c>.</param>
/// <param name="SpecText">The normal form that <c>GET …/spec</c> returns (contract: workflow-spec §11.1).</param>
/// <param name="TemplateText">The client's original text, if it sent one.</param>
/// <param name="IsAdministrator">Passes a pool in maintenance (contract: workflow-spec §8.4).</param>
[GenerateSerializer, Immutable, Alias("osmo.SubmitWorkflow")]
public sealed record SubmitWorkflow(
    string WorkflowUuid,
    string Name,
    string User,
    string Pool,
    string Priority,
    ImmutableDictionary<string, string> Labels,
    string Spec,
    string SpecText,
    string? TemplateText,
    WorkflowOrigin Origin,
    bool IsAdministrator);

/// <summary>Where a submission came from; all null for a plain one.</summary>
[GenerateSerializer, Immutable, Alias("osmo.WorkflowOrigin")]
public sealed record WorkflowOrigin(
    string? ParentName = null, int? ParentNumber = null, string? AppUuid = null, string? AppOwner = null, string? AppName = null, int? AppVersion = null);

/// <summary>Either <paramref name="WorkflowId"/> or <paramref name="Refusal"/> is set.</summary>
[GenerateSerializer, Immutable, Alias("osmo.SubmitResult")]
public sealed record SubmitResult(string? WorkflowId, Refusal? Refusal);

/// <summary>Why something was not done, in the contract's terms (contract: api-rest §4.2).</summary>
/// <param name="ErrorCode">USER, USAGE, RESOURCE, CREDENTIAL, SUBMISSION or DATABASE.</param>
[GenerateSerializer, Immutable, Alias("osmo.Refusal")]
public sealed record Refusal(string ErrorCode, string Message);

[GenerateSerializer, Immutable, Alias("osmo.RejectedSubmission")]
public sealed record RejectedSubmission(
    string WorkflowUuid,
    string Name,
    string User,
    string Pool,
    string Priority,
    ImmutableDictionary<string, string> Labels,
    string? SpecText,
    WorkflowOrigin Origin,
    string FailureMessage);

[GenerateSerializer, Immutable, Alias("osmo.CancelWorkflow")]
public sealed record CancelWorkflow(string User, string? Message, bool Force);

/// <param name="WorkflowId">The workflow's id; null when there is no such workflow.</param>
/// <param name="Refusal">Set when it is already finished and the cancel is not forced.</param>
[GenerateSerializer, Immutable, Alias("osmo.CancelResult")]
public sealed record CancelResult(string? WorkflowId, Refusal? Refusal);

/// <summary>What an operator says of one pod (contract: backend-protocol §9.4).</summary>
[GenerateSerializer, Immutable, Alias("osmo.PodReport")]
public abstract record PodReport([property: Id(0)] string TaskUuid, [property: Id(1)] int RetryId, [property: Id(2)] string Message)
{
    /// <param name="Status">Wire form of a task status.</param>
    [GenerateSerializer, Immutable, Alias("osmo.PodReport.Status")]
    public sealed record StatusChanged(string TaskUuid, int RetryId, string Message, [property: Id(0)] string Status, [property: Id(1)] int? ExitCode,
        [property: Id(2)] string? Node, [property: Id(3)] string? PodIp) : PodReport(TaskUuid, RetryId, Message);

    /// <summary><c>monitor_pod</c>: the start timer runs.</summary>
    [GenerateSerializer, Immutable, Alias("osmo.PodReport.Starting")]
    public sealed record Starting(string TaskUuid, int RetryId, string Message) : PodReport(TaskUuid, RetryId, Message);
}

/// <param name="Document">UTF-8 JSON of the job (contract: backend-protocol §10.1); empty when the job is moot.</param>
[GenerateSerializer, Immutable, Alias("osmo.PreparedJob")]
public sealed record PreparedJob(ReadOnlyMemory<byte> Document)
{
    public bool IsMoot => Document.IsEmpty;
}

[GenerateSerializer, Immutable, Alias("osmo.JobResult")]
public sealed record JobResult(string JobId, bool Succeeded, string Message);

/// <param name="WorkflowId">Null when there is no such workflow, task or attempt.</param>
/// <param name="Finished">The attempt has ended; nothing will be asked of the runtime.</param>
/// <param name="BarrierReleased">The group's barrier has been released; the runtime must be told if it still waits.</param>
/// <param name="Masked">Values to be replaced by [MASKED] in its log lines (contract: runtime-protocol §7.3).</param>
[GenerateSerializer, Immutable, Alias("osmo.RuntimeAttachment")]
public sealed record RuntimeAttachment(string? WorkflowId, bool Finished, bool BarrierReleased, ImmutableArray<string> Masked)
{
    /// <summary>A restart that the runtime may not have heard of.</summary>
    [Id(0)]
    public TaskAction? Restart { get; init; }
}

[GenerateSerializer, Immutable, Alias("osmo.TransferMeasurement")]
public sealed record TransferMeasurement(string Task, int RetryId, bool IsUpload, DateTime? Start, DateTime? End);

[GenerateSerializer, Immutable, Alias("osmo.RefreshTokenRequest")]
public sealed record RefreshTokenRequest(string Group, string Task, int RetryId, string Token);

public enum RefreshTokenCheck
{
    Valid = 1,
    Unknown,
    Mismatch,
    Finished,
}
