using System.Collections.Immutable;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;
using Osmo.Workflows.Yaml;

namespace Osmo.Cli.Commands.Workflows;

/// <summary>
/// What the service's own code says of a specification, on this machine: everything that needs no pool, no credentials and no other workflow.
/// </summary>
internal sealed record OfflineValidation(WorkflowFile File, ImmutableArray<string> Set, ImmutableArray<string> SetString, ImmutableArray<string> Labels)
{
    /// <summary>Stands for the uuid that the service would draw.</summary>
    private static readonly string NoUuid = new('0', 32);

    private readonly SpecReader _reader = new(new TemplateEngine());

    /// <summary>The faults, each with its place in the file; none when the specification is valid.</summary>
    public ImmutableArray<string> Faults() => _reader.Render(Source(File.Text)) switch
    {
        RenderOutcome.Rejected { Rejection: var rejection } => Lines(rejection),
        RenderOutcome.Rendered { Spec: var rendered } => Faults(rendered),
        var other => throw new InvalidOperationException($"Unknown outcome {other}."),
    };

    private ImmutableArray<string> Faults(RenderedSpec rendered)
    {
        var inlined = rendered with { Document = (YamlValue.Map)new LocalFiles(File.Directory).Inline(rendered.Document) };
        return SpecReader.Read(inlined) is SpecOutcome.Rejected { Rejection: var rejection } ? Lines(rejection) : FaultsOfSent(inlined);
    }

    /// <summary>The service renders once more what the command line sends it: local files must bear that.</summary>
    private ImmutableArray<string> FaultsOfSent(RenderedSpec sent) =>
        _reader.Read(Source(YamlWriter.Write(sent.Document))) is SpecOutcome.Rejected { Rejection: var rejection }
            ? [$"{File.Path}: when it is rendered again with its local files in it: {rejection.Message}"]
            : [];

    private SpecSource Source(string text) => new()
    {
        Text = text,
        WorkflowUuid = NoUuid,
        SetVariables = Set,
        SetStringVariables = SetString,
        LabelOverrides = Labels,
    };

    private ImmutableArray<string> Lines(SpecRejection rejection) => rejection.Problems.IsEmpty
        ? [$"{File.Path}: {rejection.Message}"]
        : [.. rejection.Problems.Select(Line)];

    private string Line(SpecProblem problem)
    {
        var place = problem.Path.Length > 0 ? $"{problem.Path}: " : "";
        var found = problem.Found.Length > 0 ? $" Found {problem.Found}." : "";
        var allowed = problem.Allowed.Length > 0 ? $" Allowed: {problem.Allowed}." : "";
        return $"{File.Path}:{problem.Position}: {place}{problem.Message}{found}{allowed}";
    }
}
