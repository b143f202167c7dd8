using System.Collections.Immutable;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Documents;

/// <summary>What building a workflow's objects needs, and the texts that <c>GET …/spec</c> returns. Written once.</summary>
/// <param name="Text">Normal form (contract: workflow-spec §11.1).</param>
/// <param name="Template">The client's original text, if it sent one.</param>
/// <param name="Spec">Null for a rejected submission.</param>
public sealed record SpecDocument(WorkflowSpec? Spec, string? Text, string? Template);

/// <summary>One open job for a backend's operator.</summary>
/// <param name="Order">Jobs are handed out in this order: commit time in ticks, then position in the commit.</param>
public sealed record JobDocument(string Backend, string WorkflowUuid, long Order, BackendJob Job)
{
    /// <summary>Somebody may be at work on it. Not kept of jobs that two may do at a time.</summary>
    public bool HandedOut { get; init; }
}

/// <summary>Lines that one attempt added to a workflow's log at once.</summary>
/// <param name="Stream"><c>logs</c>, <c>events</c> or <c>errors</c>.</param>
/// <param name="FirstLine">Number of the first line within the attempt, if lines are numbered.</param>
/// <param name="Lines">Number of lines in <paramref name="Text"/>.</param>
/// <param name="Text">Rendered lines, each ending in '\n'.</param>
public sealed record LogChunk(string Stream, string Task, int RetryId, long? FirstLine, int Lines, string Text)
{
    /// <summary>Of an error log: the hand-out of the job that collected it, within which its lines are numbered.</summary>
    public string? HandOut { get; init; }

    /// <summary>Of lines that their sender did not number: the connection they came over.</summary>
    public string? Connection { get; init; }

    /// <summary>Lines of <see cref="Connection"/> that were stored with this chunk and before it.</summary>
    public long? ConnectionLines { get; init; }

    /// <summary>The row id of a sequence number; ids sort as numbers do.</summary>
    public static string RowId(long sequence) => sequence.ToString("D12");

    /// <summary>The partition of chunks that came after the archive; those before have the workflow's uuid.</summary>
    public static string LatePartition(string workflowUuid) => $"{workflowUuid}/late";
}

/// <summary>A registered backend (contract: backend-protocol §17).</summary>
public sealed record BackendDocument
{
    public required string Name { get; init; }

    public required string KubernetesUid { get; init; }

    public required string Namespace { get; init; }

    public required string Version { get; init; }

    public required string NodeConditionPrefix { get; init; }

    public ImmutableSortedDictionary<string, string> NodeConditionRules { get; init; } = ImmutableSortedDictionary<string, string>.Empty.Add("Ready", "True");

    public long RulesVersion { get; init; } = 1;

    public required DateTime CreatedDate { get; init; }

    /// <summary>By this process's clock; the backend is online while it is at most two minutes old (contract: backend-protocol §5).</summary>
    public required DateTime LastHeartbeat { get; init; }
}

/// <summary>A node as its operator reported it (contract: backend-protocol §8); the key is its host name.</summary>
public sealed record NodeDocument
{
    public required string Backend { get; init; }

    public required string Hostname { get; init; }

    /// <summary>False until its <c>resource</c> message came.</summary>
    public bool Available { get; init; }

    public ImmutableArray<string> Conditions { get; init; } = [];

    public ImmutableSortedDictionary<string, string> AllocatableFields { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, string> LabelFields { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Taints as reported, JSON objects.</summary>
    public ImmutableArray<System.Text.Json.JsonElement> Taints { get; init; } = [];

    public ImmutableSortedDictionary<string, string> UsageFields { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, string> NonWorkflowUsageFields { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
