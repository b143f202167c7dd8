using System.Text.Json;

namespace Osmo.BackendOperator.Kubernetes;

/// <summary>What is read of a node.</summary>
public sealed record Node(ObjectMeta Metadata, NodeSpec? Spec = null, NodeStatus? Status = null)
{
    public NodeSpec Spec { get; init; } = Spec ?? new NodeSpec();

    public NodeStatus Status { get; init; } = Status ?? new NodeStatus();
}

public sealed record NodeSpec(bool Unschedulable = false, IReadOnlyList<Taint>? Taints = null)
{
    public IReadOnlyList<Taint> Taints { get; init; } = Taints ?? [];
}

public sealed record Taint(string? Key = null, string? Value = null, string? Effect = null, string? TimeAdded = null);

public sealed record NodeStatus(
    Dictionary<string, JsonElement>? Allocatable = null,
    Dictionary<string, JsonElement>? Capacity = null,
    IReadOnlyList<NodeCondition>? Conditions = null)
{
    public IReadOnlyList<NodeCondition> Conditions { get; init; } = Conditions ?? [];
}

public sealed record NodeCondition(
    string Type,
    string Status,
    DateTimeOffset? LastTransitionTime = null,
    string? Reason = null,
    string? Message = null);

/// <summary>A core <c>v1</c> Event.</summary>
public sealed record ClusterEvent(
    ObjectMeta Metadata,
    InvolvedObject InvolvedObject,
    string? Type = null,
    string? Reason = null,
    string? Message = null,
    EventSource? Source = null,
    DateTimeOffset? LastTimestamp = null,
    DateTimeOffset? EventTime = null,
    DateTimeOffset? FirstTimestamp = null);

public sealed record InvolvedObject(string? Kind = null, string? Name = null, string? Namespace = null, string? Uid = null);

public sealed record EventSource(string? Component = null);
