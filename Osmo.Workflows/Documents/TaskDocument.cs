using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Documents;

/// <summary>The row of one attempt of a task: its state, and the facts of its workflow that task lists filter by, which never change.</summary>
public sealed record TaskDocument
{
    public required string WorkflowUuid { get; init; }

    public required string WorkflowId { get; init; }

    public required string User { get; init; }

    public required string Pool { get; init; }

    public required WorkflowPriority Priority { get; init; }

    public required DateTime SubmitTime { get; init; }

    public required string Uuid { get; init; }

    public bool Lead { get; init; }

    /// <summary>GiB.</summary>
    public double Storage { get; init; }

    public int Cpu { get; init; }

    /// <summary>GiB.</summary>
    public double Memory { get; init; }

    public int Gpu { get; init; }

    public required string Group { get; init; }

    public required string Name { get; init; }

    public required int RetryId { get; init; }

    public required TaskGroupStatus Status { get; init; }

    public DateTime? SchedulingStartTime { get; init; }

    public DateTime? InitializingStartTime { get; init; }

    public DateTime? StartTime { get; init; }

    public DateTime? EndTime { get; init; }

    public DateTime? StartDeadline { get; init; }

    public string? StartMessage { get; init; }

    public bool AtBarrier { get; init; }

    public int? Restarts { get; init; }

    public int? RestartDue { get; init; }

    public int? ExitCode { get; init; }

    public string? FailureMessage { get; init; }

    public string? NodeName { get; init; }

    public string? PodIp { get; init; }

    public DateTime? InputDownloadStartTime { get; init; }

    public DateTime? InputDownloadEndTime { get; init; }

    public DateTime? OutputUploadStartTime { get; init; }

    public DateTime? OutputUploadEndTime { get; init; }

    /// <summary>The row's id within the workflow's partition; attempts of a task sort by retry.</summary>
    public static string RowId(string task, int retryId) => $"{task}/{retryId:D6}";

    /// <summary>The first 16 digits of both uuids; the same for every attempt (contract: lifecycle §1).</summary>
    public static string PodName(string workflowUuid, string taskUuid) => $"{workflowUuid.AsSpan(0, 16)}-{taskUuid.AsSpan(0, 16)}";

    [System.Text.Json.Serialization.JsonIgnore]
    public TaskState State => new()
    {
        Group = Group,
        Name = Name,
        RetryId = RetryId,
        Status = Status,
        SchedulingStartTime = SchedulingStartTime,
        InitializingStartTime = InitializingStartTime,
        StartTime = StartTime,
        EndTime = EndTime,
        StartDeadline = StartDeadline,
        StartMessage = StartMessage,
        AtBarrier = AtBarrier,
        Restarts = Restarts,
        RestartDue = RestartDue,
        ExitCode = ExitCode,
        FailureMessage = FailureMessage,
        NodeName = NodeName,
        PodIp = PodIp,
        InputDownloadStartTime = InputDownloadStartTime,
        InputDownloadEndTime = InputDownloadEndTime,
        OutputUploadStartTime = OutputUploadStartTime,
        OutputUploadEndTime = OutputUploadEndTime,
    };

    public static TaskDocument Of(WorkflowPlan plan, DateTime submitTime, TaskPlan task, TaskState state) => new()
    {
        WorkflowUuid = plan.WorkflowUuid,
        WorkflowId = plan.WorkflowId,
        User = plan.User,
        Pool = plan.Pool,
        Priority = plan.Priority,
        SubmitTime = submitTime,
        Uuid = task.Uuid,
        Lead = task.Lead,
        Storage = task.Resources.Storage,
        Cpu = task.Resources.Cpu,
        Memory = task.Resources.Memory,
        Gpu = task.Resources.Gpu,
        Group = state.Group,
        Name = state.Name,
        RetryId = state.RetryId,
        Status = state.Status,
        SchedulingStartTime = state.SchedulingStartTime,
        InitializingStartTime = state.InitializingStartTime,
        StartTime = state.StartTime,
        EndTime = state.EndTime,
        StartDeadline = state.StartDeadline,
        StartMessage = state.StartMessage,
        AtBarrier = state.AtBarrier,
        Restarts = state.Restarts,
        RestartDue = state.RestartDue,
        ExitCode = state.ExitCode,
        FailureMessage = state.FailureMessage,
        NodeName = state.NodeName,
        PodIp = state.PodIp,
        InputDownloadStartTime = state.InputDownloadStartTime,
        InputDownloadEndTime = state.InputDownloadEndTime,
        OutputUploadStartTime = state.OutputUploadStartTime,
        OutputUploadEndTime = state.OutputUploadEndTime,
    };
}
