using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Osmo.Protocol.Backend;

/// <summary>
/// A message between the control plane and a backend's operator, every one but worker jobs and worker heartbeats
/// (contract: backend-protocol §3.1). Record names are the wire <c>type</c> in Pascal case, property names the body's keys.
/// </summary>
public abstract record BackendMessage
{
    private protected BackendMessage()
    {
    }

    /// <summary>Registers a connection; the first message but for <see cref="Logging"/> (contract: backend-protocol §4).</summary>
    /// <param name="K8sUid">Uid of the namespace <c>kube-system</c>: the identity of the cluster.</param>
    /// <param name="K8sNamespace">Namespace of all task pods.</param>
    /// <param name="Version"><c>major.minor.revision[.hash]</c> of the operator.</param>
    /// <param name="NodeConditionPrefix">May be empty.</param>
    public sealed record Init(string K8sUid, string K8sNamespace, string Version, string NodeConditionPrefix) : BackendMessage;

    /// <summary>A line of the operator's log; may come before <see cref="Init"/>.</summary>
    public sealed record Logging(LoggingLevel Type, string Text, string? WorkflowUuid = null) : BackendMessage;

    /// <summary>The status of one attempt's pod (contract: backend-protocol §9.2).</summary>
    /// <param name="Container">Name of the user's container.</param>
    public sealed record UpdatePod(
        string WorkflowUuid,
        string TaskUuid,
        int RetryId,
        string Container,
        string? Node,
        string? PodIp,
        string Message,
        PodStatus Status,
        int? ExitCode,
        string Backend,
        ImmutableArray<PodCondition> Conditions) : BackendMessage;

    /// <summary>A pod has been bound and is starting: fail it when it does not run in time (contract: backend-protocol §9.4).</summary>
    public sealed record MonitorPod(string WorkflowUuid, string TaskUuid, int RetryId, string Message = "") : BackendMessage;

    /// <summary>The pod's conditions, for the event log.</summary>
    public sealed record PodConditions(string WorkflowUuid, string TaskUuid, int RetryId, ImmutableArray<PodCondition> Conditions) : BackendMessage;

    /// <summary>A Kubernetes event about a pod, for the event log (contract: backend-protocol §9.5).</summary>
    public sealed record PodEvent(
        string PodName,
        string Reason,
        string Message,
        [property: JsonConverter(typeof(WireTime))] DateTimeOffset Timestamp) : BackendMessage;

    /// <summary>A node as it is now (contract: backend-protocol §8.1).</summary>
    /// <param name="Conditions">Types of the conditions that are <c>True</c>.</param>
    /// <param name="ProcessedFields">Always empty.</param>
    /// <param name="AllocatableFields">Kubernetes quantities; <c>cpu</c> in whole cores.</param>
    public sealed record Resource(
        string Hostname,
        bool Available,
        ImmutableArray<string> Conditions,
        ImmutableDictionary<string, string> ProcessedFields,
        ImmutableDictionary<string, string> AllocatableFields,
        ImmutableDictionary<string, string> LabelFields,
        ImmutableArray<NodeTaint> Taints) : BackendMessage;

    /// <summary>What the pods of a node request (contract: backend-protocol §8.3).</summary>
    public sealed record ResourceUsage(
        string Hostname,
        ImmutableDictionary<string, string> UsageFields,
        ImmutableDictionary<string, string> NonWorkflowUsageFields) : BackendMessage;

    /// <summary>A node has gone.</summary>
    /// <param name="ResourceName">Wire key <c>resource</c>: the host name.</param>
    public sealed record DeleteResource([property: JsonPropertyName("resource")] string ResourceName) : BackendMessage;

    /// <summary>Host names of all nodes there are; the others are to be forgotten.</summary>
    public sealed record NodeHash(ImmutableArray<string> NodeHashes) : BackendMessage;

    /// <summary>The listener lives; <paramref name="Time"/> is its own clock, written without zone.</summary>
    public sealed record Heartbeat([property: JsonConverter(typeof(ZonelessWireTime))] DateTimeOffset Time) : BackendMessage;

    /// <summary>Uuids of all tasks the cluster has pods of. No operator of today sends it.</summary>
    /// <param name="Tasks">Wire key <c>task_list</c>.</param>
    public sealed record TaskList([property: JsonPropertyName("task_list")] ImmutableArray<string> Tasks) : BackendMessage;

    /// <summary>A measurement of the operator. No operator of today sends it.</summary>
    public sealed record Metrics(string Type, double Value, string Name, string Unit, string Description) : BackendMessage;

    /// <summary>Part of a failed container's log, collected during clean-up (contract: backend-protocol §7).</summary>
    /// <param name="Task">Uuid of the task.</param>
    /// <param name="Mask">Whether the text may hold secret values.</param>
    public sealed record PodLog(string Text, string Task, int RetryId, bool Mask = true) : BackendMessage;

    /// <summary>The outcome of the one job in flight; carries no job id.</summary>
    public sealed record JobStatus(JobOutcome Status, string? Message = null) : BackendMessage;

    /// <summary>The control plane has taken over the message with this uuid.</summary>
    public sealed record Ack(string Uuid) : BackendMessage;

    /// <summary>Rules for node availability, regex on the condition's type → regex on its status (contract: backend-protocol §6, §8.2).</summary>
    public sealed record NodeConditions(ImmutableDictionary<string, string>? Rules) : BackendMessage;
}

/// <summary>A pod condition as it travels; <paramref name="Timestamp"/> is its last transition.</summary>
public sealed record PodCondition(
    string? Reason,
    string? Message,
    [property: JsonConverter(typeof(WireTime))] DateTimeOffset Timestamp,
    string Status,
    string Type);

/// <summary>A taint of a node (contract: backend-protocol §8.1).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record NodeTaint(string? Effect = null, string? Key = null, string? Value = null, string? TimeAdded = null);
