namespace Osmo.Gateway.Workflows;

/// <summary>Contract: api-rest §8.4.</summary>
public sealed record WorkflowListAnswer(WorkflowListEntry[] Workflows, bool MoreEntries);

public sealed record WorkflowListEntry(
    string User,
    string Name,
    string WorkflowUuid,
    DateTime SubmitTime,
    DateTime? StartTime,
    DateTime? EndTime,
    double QueuedTime,
    double? Duration,
    string Status,
    string Overview,
    string Logs,
    string? ErrorLogs,
    string? GrafanaUrl,
    string? DashboardUrl,
    string? Pool,
    string? AppOwner,
    string? AppName,
    int? AppVersion,
    string Priority,
    IReadOnlyDictionary<string, string> Labels);

/// <summary>Contract: api-rest §8.5.</summary>
public sealed record WorkflowAnswer(
    string Name,
    string Uuid,
    string SubmittedBy,
    string? CancelledBy,
    string Spec,
    string TemplateSpec,
    string Logs,
    string Events,
    string Overview,
    string? ParentName,
    int? ParentJobId,
    string? DashboardUrl,
    string? GrafanaUrl,
    string[] Tags,
    DateTime SubmitTime,
    DateTime? StartTime,
    DateTime? EndTime,
    double? ExecTimeout,
    double? QueueTimeout,
    double? Duration,
    double QueuedTime,
    string Status,
    string Outputs,
    GroupAnswer[] Groups,
    string? Pool,
    string? Backend,
    string? AppOwner,
    string? AppName,
    int? AppVersion,
    WorkflowPlugins Plugins,
    string Priority,
    IReadOnlyDictionary<string, string> Labels,
    string[] Warnings);

public sealed record WorkflowPlugins(bool Rsync);

public sealed record GroupAnswer(
    string Name,
    string Status,
    DateTime? StartTime,
    DateTime? EndTime,
    DateTime? ProcessingStartTime,
    DateTime? SchedulingStartTime,
    DateTime? InitializingStartTime,
    string[] RemainingUpstreamGroups,
    string[] DownstreamGroups,
    string? FailureMessage,
    TaskAnswer[] Tasks);

public sealed record TaskAnswer(
    string Name,
    int RetryId,
    string Status,
    string? FailureMessage,
    int? ExitCode,
    string Logs,
    string? ErrorLogs,
    DateTime? ProcessingStartTime,
    DateTime? SchedulingStartTime,
    DateTime? InitializingStartTime,
    string Events,
    DateTime? StartTime,
    DateTime? EndTime,
    DateTime? InputDownloadStartTime,
    DateTime? InputDownloadEndTime,
    DateTime? OutputUploadStartTime,
    string? DashboardUrl,
    string PodName,
    string? PodIp,
    string TaskUuid,
    string? NodeName,
    bool Lead);

/// <summary>Contract: api-rest §8.6. Storage and memory in GiB.</summary>
public sealed record TaskEntryAnswer(
    string WorkflowId,
    string TaskName,
    string? Node,
    DateTime? StartTime,
    DateTime? EndTime,
    string Status,
    double Storage,
    int Cpu,
    double Memory,
    int Gpu);

/// <summary>Contract: api-rest §8.7.</summary>
public sealed record TaskListAnswer(TaskListEntry[] Tasks);

public sealed record TaskListEntry(
    string User,
    string WorkflowId,
    string WorkflowUuid,
    string TaskName,
    int RetryId,
    string? Pool,
    string? Node,
    DateTime? StartTime,
    DateTime? EndTime,
    double? Duration,
    string Status,
    string Overview,
    string Logs,
    string? ErrorLogs,
    string? GrafanaUrl,
    string? DashboardUrl,
    double Storage,
    int Cpu,
    double Memory,
    int Gpu,
    string Priority);

public sealed record TaskSummariesAnswer(TaskSummary[] Summaries);

public sealed record TaskSummary(string User, string? Pool, double Storage, long Cpu, double Memory, long Gpu, string Priority);

public sealed record WorkflowSummariesAnswer(WorkflowSummary[] Summaries);

public sealed record WorkflowSummary(
    string User, string? Pool, double Storage, long Cpu, double Memory, long Gpu, string Priority, string WorkflowId);

/// <summary>Contract: api-rest §8.1. Either <paramref name="Logs"/> or <paramref name="Spec"/> is set.</summary>
public sealed record SubmitAnswer(string Name, string? Overview, string? Logs, string? Spec, string? DashboardUrl, string[] Warnings);

public sealed record CancelAnswer(string Name);
