using System.Collections.Immutable;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>Outcome of reading a specification.</summary>
public abstract record SpecOutcome
{
    private SpecOutcome()
    {
    }

    /// <summary>Valid; <paramref name="Warnings"/> are for the submitter.</summary>
    public sealed record Accepted(WorkflowSpec Spec, ImmutableArray<string> Warnings) : SpecOutcome;

    /// <summary>Not valid; all faults that one stage found.</summary>
    public sealed record Rejected(SpecRejection Rejection) : SpecOutcome;
}

/// <summary>Outcome of rendering a specification: what a dry run shows.</summary>
public abstract record RenderOutcome
{
    private RenderOutcome()
    {
    }

    /// <summary>A text with a workflow in it; nothing of the schema was checked.</summary>
    public sealed record Rendered(RenderedSpec Spec) : RenderOutcome;

    /// <summary>Template, YAML, name or labels are at fault.</summary>
    public sealed record Rejected(SpecRejection Rejection) : RenderOutcome;
}

/// <summary>
/// A specification after templates, YAML and labels, before anything else was checked (contract: workflow-spec §2.4, steps 3 to 8).
/// </summary>
/// <param name="Name"><c>workflow.name</c>, or <c>failed-uuid</c> when there is none.</param>
/// <param name="Document">The rendered document: <c>workflow</c> and whatever else the template printed at top level.</param>
public sealed record RenderedSpec(string Name, YamlValue.Map Document)
{
    public YamlValue.Map Workflow => (YamlValue.Map)Document.Find(SpecSections.WorkflowKey)!;

    /// <summary>
    /// The answer to a dry run: top-level key <c>workflow</c>, keys sorted, ASCII only (contract: workflow-spec §2.4 step 8).
    /// </summary>
    public string ToYaml() => YamlWriter.Write(YamlValue.Map.Empty.With(SpecSections.WorkflowKey, Workflow), escapeNonAscii: true);
}
