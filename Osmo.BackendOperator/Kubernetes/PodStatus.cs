using System.Text.Json.Serialization;

namespace Osmo.BackendOperator.Kubernetes;

public sealed record PodStatus(
    PodPhase Phase = PodPhase.Unknown,
    string? Reason = null,
    string? Message = null,
    string? HostIP = null,
    string? PodIP = null,
    DateTimeOffset? StartTime = null,
    IReadOnlyList<PodCondition>? Conditions = null,
    IReadOnlyList<ContainerStatus>? InitContainerStatuses = null,
    IReadOnlyList<ContainerStatus>? ContainerStatuses = null)
{
    public IReadOnlyList<PodCondition> Conditions { get; init; } = Conditions ?? [];

    public IReadOnlyList<ContainerStatus> InitContainerStatuses { get; init; } = InitContainerStatuses ?? [];

    public IReadOnlyList<ContainerStatus> ContainerStatuses { get; init; } = ContainerStatuses ?? [];

    [JsonIgnore]
    public IEnumerable<ContainerStatus> InitThenMain => InitContainerStatuses.Concat(ContainerStatuses);

    [JsonIgnore]
    public bool IsFinal => Phase is PodPhase.Succeeded or PodPhase.Failed;
}

[JsonConverter(typeof(JsonStringEnumConverter<PodPhase>))]
public enum PodPhase
{
    Unknown = 1,
    Pending,
    Running,
    Succeeded,
    Failed,
}

/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
public sealed record PodCondition(
    string Type,
    string Status,
    DateTimeOffset? LastTransitionTime = null,
    string? Reason = null,
    string? Message = null)
{
    [JsonIgnore]
    public bool IsTrue => Status == "True";
}

public sealed record ContainerStatus(
    string Name,
    ContainerState? State = null,
    bool Ready = false,
    bool Started = false,
    int RestartCount = 0,
    string? Image = null,
    string? ImageID = null,
    string? ContainerID = null)
{
    public ContainerState State { get; init; } = State ?? new ContainerState();
}

/// <summary>At most one of the three is set.</summary>
public sealed record ContainerState(ContainerWaiting? Waiting = null, ContainerRunning? Running = null, ContainerTerminated? Terminated = null);

public sealed record ContainerWaiting(string? Reason = null, string? Message = null);

public sealed record ContainerRunning(DateTimeOffset? StartedAt = null);

public sealed record ContainerTerminated(
    int ExitCode,
    string? Reason = null,
    string? Message = null,
    int? Signal = null,
    DateTimeOffset? StartedAt = null,
    DateTimeOffset? FinishedAt = null);
