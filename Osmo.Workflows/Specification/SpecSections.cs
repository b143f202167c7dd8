using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>
/// The top-level sections of a specification text, cut by lines before templates and YAML are looked at
/// (contract: workflow-spec §1.1). A section is its raw text, key line included.
/// </summary>
public sealed partial record SpecSections
{
    public const string WorkflowKey = "workflow";

    public const string DefaultValuesKey = "default-values";

    public const string VersionKey = "version";

    private SpecSections(SpecSection workflow, SpecSection? defaultValues)
    {
        Workflow = workflow;
        DefaultValues = defaultValues;
    }

    public SpecSection Workflow { get; }

    public SpecSection? DefaultValues { get; }

    /// <summary>Cuts the text; all unknown and repeated keys are reported. Text before the first section is dropped.</summary>
    public static SectionsOutcome Split(string text)
    {
        var body = text.TrimStart('\ufeff');
        var found = new Dictionary<string, SpecSection>(StringComparer.Ordinal);
        var problems = ImmutableArray.CreateBuilder<SpecProblem>();
        var starts = SectionStart().Matches(body);
        for (var i = 0; i < starts.Count; i++)
        {
            var start = starts[i].Index;
            var end = i + 1 < starts.Count ? starts[i + 1].Index : body.Length;
            var key = starts[i].Groups["key"].Value;
            var position = new YamlPosition(body.AsSpan(0, start).Count('\n') + 1, 1);
            if (key is not (WorkflowKey or DefaultValuesKey or VersionKey))
            {
                problems.Add(new SpecProblem(key, position, $"Unknown top-level key \"{key}\" found in the workflow spec.", key,
                    "workflow, default-values, version"));
            }
            else if (!found.TryAdd(key, new SpecSection(body[start..end], position.Line)))
            {
                problems.Add(new SpecProblem(key, position, $"Duplicate top-level key \"{key}\" found in the workflow spec."));
            }
        }

        if (problems.Count > 0)
        {
            return new SectionsOutcome.Rejected(problems.ToImmutable());
        }

        return found.TryGetValue(WorkflowKey, out var workflow)
            ? new SectionsOutcome.Split(new SpecSections(workflow, found.GetValueOrDefault(DefaultValuesKey)))
            : new SectionsOutcome.Rejected(
                [new SpecProblem("", new YamlPosition(1, 1), "Workflow spec not found.", Allowed: "a line that starts with 'workflow:'")]);
    }

    [GeneratedRegex("^(?<key>[a-zA-Z][a-zA-Z0-9_-]*):", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex SectionStart();
}

/// <summary>Raw text of a section and the line of the whole text, from 1, that it starts on.</summary>
public sealed record SpecSection(string Text, int Line);

/// <summary>The sections of a text, or why it cannot be cut into sections (contract: workflow-spec §1.1).</summary>
public abstract record SectionsOutcome
{
    private SectionsOutcome()
    {
    }

    /// <summary>The text has a workflow section, and every section once.</summary>
    public sealed record Split(SpecSections Sections) : SectionsOutcome;

    /// <summary>Never empty; code USER, nothing is recorded.</summary>
    public sealed record Rejected(ImmutableArray<SpecProblem> Problems) : SectionsOutcome;
}
