using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using AmountsByPlatform = System.Collections.Immutable.ImmutableSortedDictionary<
    string, System.Collections.Immutable.ImmutableSortedDictionary<string, Osmo.Workflows.Resources.PlatformAmounts>>;
using RulesByPlatform = System.Collections.Immutable.ImmutableSortedDictionary<
    string, System.Collections.Immutable.ImmutableSortedDictionary<string, Osmo.Workflows.Resources.PlatformRules>>;

namespace Osmo.Workflows.Resources;

/// <summary>Wire form of <c>GET /api/resources</c> and <c>GET /api/resources/{name}</c> (contract: api-rest §13).</summary>
public sealed record ResourcesAnswer(ImmutableArray<ResourcesEntry> Resources);

/// <summary>One node: what it has, what is used, and for which platforms (contract: api-rest §13).</summary>
public sealed record ResourcesEntry
{
    public required string Hostname { get; init; }

    public required string Backend { get; init; }

    /// <summary>Over all pools, whatever the filter shows.</summary>
    public required NodeResourceType ResourceType { get; init; }

    public required ImmutableArray<JsonElement> Taints { get; init; }

    /// <summary>Always null; the member is part of the contract.</summary>
    public ImmutableArray<string>? Conditions { get; init; }

    public required ExposedFields ExposedFields { get; init; }

    public required ImmutableSortedDictionary<string, ImmutableArray<string>> PoolPlatformLabels { get; init; }

    /// <summary>Always null; the member is part of the contract.</summary>
    public ImmutableSortedDictionary<string, string>? LabelFields { get; init; }

    public required ResourceTexts AllocatableFields { get; init; }

    public required ResourceTexts UsageFields { get; init; }

    /// <summary>By Kubernetes resource names.</summary>
    public required ImmutableSortedDictionary<string, string> NonWorkflowUsageFields { get; init; }

    public required AmountsByPlatform PlatformAllocatableFields { get; init; }

    public required AmountsByPlatform PlatformAvailableFields { get; init; }

    public required AmountsByPlatform PlatformWorkflowAllocatableFields { get; init; }

    public required RulesByPlatform ConfigFields { get; init; }
}

/// <summary>Whole GiB and counts, as texts.</summary>
public sealed record ExposedFields
{
    public required string Node { get; init; }

    [JsonPropertyName("pool/platform")]
    public required ImmutableArray<string> PoolPlatform { get; init; }

    public required string Storage { get; init; }

    public required string Cpu { get; init; }

    public required string Memory { get; init; }

    public required string Gpu { get; init; }
}

/// <summary>What a platform lets tasks do.</summary>
public sealed record PlatformRules(
    bool HostNetwork, bool Privileged, ImmutableArray<string> DefaultMounts, ImmutableArray<string> AllowedMounts);

/// <summary>Wire form of <c>GET /api/resources?concise=true</c>.</summary>
public sealed record ConciseResourcesAnswer(ImmutableArray<ConcisePlatform> Pools);

/// <summary>The sums of one platform of one pool (contract: api-rest §13).</summary>
public sealed record ConcisePlatform(
    string Pool, string Platform, string Backend, PoolStatus Status, ConciseAmounts UsageFields, ConciseAmounts AllocatableFields);

/// <summary>GiB, cores, GiB, GPUs.</summary>
public sealed record ConciseAmounts(double Storage, double Cpu, double Memory, double Gpu);
