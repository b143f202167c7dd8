using System.Text.Json.Serialization;

namespace Osmo.Workflows.Lifecycle;

/// <summary>Status of a task attempt or of a group (contract: lifecycle §2.1). Names are the wire form, upper case with '_'.</summary>
[JsonConverter(typeof(WireEnumConverter<TaskGroupStatus>))]
public enum TaskGroupStatus
{
    Submitting = 1,
    Waiting,
    Processing,
    Scheduling,
    Initializing,
    Running,
    Completed,
    Rescheduled,
    Failed,
    FailedCanceled,
    FailedServerError,
    FailedBackendError,
    FailedExecTimeout,
    FailedQueueTimeout,
    FailedImagePull,
    FailedUpstream,
    FailedEvicted,
    FailedStartError,
    FailedStartTimeout,
    FailedPreempted,
}

/// <summary>Status of a workflow (contract: lifecycle §2.2).</summary>
[JsonConverter(typeof(WireEnumConverter<WorkflowStatus>))]
public enum WorkflowStatus
{
    Pending = 1,
    Running,
    Waiting,
    Completed,
    Failed,
    FailedSubmission,
    FailedServerError,
    FailedExecTimeout,
    FailedQueueTimeout,
    FailedCanceled,
    FailedBackendError,
    FailedImagePull,
    FailedEvicted,
    FailedStartError,
    FailedStartTimeout,
    FailedPreempted,
}

/// <summary>Scheduling priority; only LOW is preemptible (contract: lifecycle §12).</summary>
[JsonConverter(typeof(WireEnumConverter<WorkflowPriority>))]
public enum WorkflowPriority
{
    Normal = 1,
    High,
    Low,
}
