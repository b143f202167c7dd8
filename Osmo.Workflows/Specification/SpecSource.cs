using System.Collections.Immutable;

namespace Osmo.Workflows.Specification;

/// <summary>What a client submits (contract: workflow-spec §2).</summary>
public sealed record SpecSource
{
    /// <summary>The whole text: sections <c>workflow</c>, <c>default-values</c>, <c>version</c>.</summary>
    public required string Text { get; init; }

    /// <summary>True for a text that was rendered before and stored: its braces are no template's.</summary>
    public bool IsRendered { get; init; }

    /// <summary>32 hex digits, drawn for this submission; names the workflow while its name is not known.</summary>
    public required string WorkflowUuid { get; init; }

    /// <summary><c>k=v</c>; numbers become numbers.</summary>
    public ImmutableArray<string> SetVariables { get; init; } = [];

    /// <summary><c>k=v</c>, always text; these win.</summary>
    public ImmutableArray<string> SetStringVariables { get; init; } = [];

    /// <summary><c>K=V</c>, put into the environment of every task.</summary>
    public ImmutableArray<string> EnvironmentVariables { get; init; } = [];

    /// <summary><c>k=v</c> of the query, over the labels of the text.</summary>
    public ImmutableArray<string> LabelOverrides { get; init; } = [];

    /// <summary>Labels of the workflow that is submitted again; they replace those of the text. Null for a fresh submission.</summary>
    public ImmutableArray<KeyValuePair<string, string>>? StoredLabels { get; init; }

    public Templates.TemplateLimits TemplateLimits { get; init; } = Templates.TemplateLimits.Default;
}
