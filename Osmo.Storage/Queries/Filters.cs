using System.Collections.Immutable;

namespace Osmo.Storage.Queries;

/// <summary>Which workflows (contract: api-rest §8.4). A list that is null does not filter; an empty one matches nothing. Everything given must hold.</summary>
public sealed record WorkflowFilter
{
    /// <summary>Exact user names.</summary>
    public ImmutableArray<string>? Users { get; init; }

    public ImmutableArray<string>? Pools { get; init; }

    /// <summary>Wire form. Null: all but FAILED_SUBMISSION.</summary>
    public ImmutableArray<string>? Statuses { get; init; }

    public ImmutableArray<string>? Priorities { get; init; }

    /// <summary>Any of them.</summary>
    public ImmutableArray<string>? Tags { get; init; }

    /// <summary>A literal part of the workflow id, case-sensitive.</summary>
    public string? IdContains { get; init; }

    /// <summary>UTC, inclusive.</summary>
    public DateTime? SubmittedFrom { get; init; }

    /// <summary>UTC, exclusive.</summary>
    public DateTime? SubmittedBefore { get; init; }

    public string? AppName { get; init; }

    public int? AppVersion { get; init; }

    public ImmutableArray<LabelSelector> Labels { get; init; } = [];

    /// <summary>Label keys that must be absent.</summary>
    public ImmutableArray<string> WithoutLabels { get; init; } = [];

    public int Offset { get; init; }

    /// <summary>Below 1: an empty page.</summary>
    public required int Limit { get; init; }

    /// <summary>By submit time, then uuid; it also decides which page.</summary>
    public bool NewestFirst { get; init; }
}

/// <summary>The label <paramref name="Key"/> is there and its whole value matches one of the patterns, in which '*' stands for any text.</summary>
public sealed record LabelSelector(string Key, ImmutableArray<string> Patterns);

/// <summary>Which task attempts (contract: api-rest §8.7). Lists as in <see cref="WorkflowFilter"/>.</summary>
public sealed record TaskFilter
{
    public ImmutableArray<string>? Users { get; init; }

    public ImmutableArray<string>? Pools { get; init; }

    /// <summary>Wire form. Null: all.</summary>
    public ImmutableArray<string>? Statuses { get; init; }

    public ImmutableArray<string>? Priorities { get; init; }

    public ImmutableArray<string>? Nodes { get; init; }

    public string? WorkflowIdContains { get; init; }

    /// <summary>UTC, inclusive; attempts that have not started match too.</summary>
    public DateTime? StartedFrom { get; init; }

    /// <summary>UTC, exclusive.</summary>
    public DateTime? StartedBefore { get; init; }

    public int Offset { get; init; }

    /// <summary>Below 1: an empty page.</summary>
    public required int Limit { get; init; }
}
