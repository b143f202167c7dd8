using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Osmo.Protocol.Backend;

/// <summary>
/// A job for the operator's worker, as read from its document (contract: backend-protocol §10.1). Keys a job type does not
/// know are ignored. <see cref="BackendJobReader"/> makes it from JSON.
/// </summary>
public abstract record BackendJob
{
    private protected BackendJob()
    {
    }

    public required string JobId { get; init; }

    public required string Backend { get; init; }

    public string? JobUuid { get; init; }

    /// <summary>Creates the objects of a group in order (contract: backend-protocol §10.4).</summary>
    public sealed record CreateGroup : BackendJob
    {
        public required string WorkflowUuid { get; init; }

        public required string GroupName { get; init; }

        [JsonPropertyName("k8s_resources")]
        public required ImmutableArray<JsonObject> Resources { get; init; }
    }

    /// <summary>Deletes the objects of a group, first collecting the logs of failed pods (contract: backend-protocol §10.5).</summary>
    public sealed record CleanupGroup : BackendJob
    {
        public required string WorkflowUuid { get; init; }

        public required string GroupName { get; init; }

        public required ImmutableArray<ObjectSpec> CleanupSpecs { get; init; }

        public ObjectSpec? ErrorLogSpec { get; init; }

        public bool ForceDelete { get; init; }

        /// <summary>Lines of each container's log.</summary>
        public required int MaxLogLines { get; init; }
    }

    /// <summary>Replaces the pod of an attempt by that of the next (contract: backend-protocol §10.6).</summary>
    public sealed record RescheduleTask : BackendJob
    {
        public required string WorkflowUuid { get; init; }

        /// <summary>Of the new attempt.</summary>
        public required int RetryId { get; init; }

        public required CreateGroup CreateJob { get; init; }

        public required CleanupGroup CleanupJob { get; init; }
    }

    /// <summary>Sets labels of a node (contract: backend-protocol §10.7).</summary>
    public sealed record LabelNode : BackendJob
    {
        /// <summary>Whose failure tells of the node.</summary>
        public string? WorkflowUuid { get; init; }

        public required string NodeName { get; init; }

        public required ImmutableDictionary<string, string> Labels { get; init; }
    }

    /// <summary>Makes the scheduler's queues and topologies equal to the given ones (contract: backend-protocol §10.8).</summary>
    public sealed record SynchronizeQueues : BackendJob
    {
        [JsonConverter(typeof(OneOrManySpecs))]
        public required ImmutableArray<ObjectSpec> CleanupSpecs { get; init; }

        [JsonPropertyName("k8s_resources")]
        public required ImmutableArray<JsonObject> Resources { get; init; }

        /// <summary>Kinds that are deleted and created again rather than replaced; null when the document names none.</summary>
        public ImmutableArray<string>? ImmutableKinds { get; init; }
    }

    /// <summary>Makes the backend's validation tests equal to the given ones (contract: backend-protocol §14).</summary>
    public sealed record SynchronizeBackendTest : BackendJob
    {
        public required JsonObject TestConfigs { get; init; }

        public string? NodeConditionPrefix { get; init; }
    }
}

/// <summary>Selects objects of one kind by labels.</summary>
public sealed record ObjectSpec
{
    public required ImmutableDictionary<string, string> Labels { get; init; }

    public GenericApi? GenericApi { get; init; }

    /// <summary>Deprecated: a kind of apiVersion <c>v1</c>.</summary>
    public string? ResourceType { get; init; }

    /// <summary>The kind it is about; null when the document named none.</summary>
    [JsonIgnore]
    public GenericApi? Api => GenericApi ?? (ResourceType is { } kind ? new GenericApi("v1", kind) : null);
}

public sealed record GenericApi(string ApiVersion, string Kind);
