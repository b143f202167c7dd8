using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Specification.Schema;
using Osmo.Workflows.Templates;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Reads submitted specifications, stage by stage in the order of the contract (contract: workflow-spec §2.4): <see cref="Render"/> is
/// all that a dry run does; <see cref="Read(SpecSource)"/> adds everything that can be said without knowing the pool.
/// </summary>
public sealed class SpecReader(ITemplateRenderer templates)
{
    private const int OnlyVersion = 2;

    private readonly SpecRenderer _renderer = new(templates);

    /// <summary>Steps 3 to 8: templates, YAML, labels. Nothing of the schema is checked.</summary>
    public RenderOutcome Render(SpecSource source) => _renderer.Render(source);

    /// <summary>Steps 3 to 11 without a pool, as far as that goes: platforms stay open, topology keys unchecked, tasks uncounted.</summary>
    public SpecOutcome Read(SpecSource source) => ReadFor(source, pool: null, config: null);

    /// <summary>Steps 3 to 13.</summary>
    public SpecOutcome Read(SpecSource source, PoolModel pool, WorkflowConfig config) => ReadFor(source, pool, config);

    /// <summary>Steps 9 to 11 without a pool, for what <see cref="Render"/> gave.</summary>
    public static SpecOutcome Read(RenderedSpec rendered) => Check(rendered, environment: [], pool: null, config: null);

    /// <summary>Steps 7 and 10 to 13 for a specification that was accepted before.</summary>
    public static SpecOutcome Read(Resubmission resubmission, PoolModel pool, WorkflowConfig config)
    {
        var spec = resubmission.Spec;
        switch (WorkflowLabels.Merge(written: null, spec.Labels, resubmission.LabelOverrides))
        {
            case LabelsOutcome.Rejected rejected:
                return Rejected(SpecErrorCode.Usage, [new SpecProblem("workflow.labels", default, rejected.Message)]);
            case LabelsOutcome.Merged { Labels: { } labels }:
                spec = spec with { Labels = [.. labels.Entries.Select(Label)] };
                break;
        }

        var document = new WorkflowDocument(spec.Name, [], spec.Groups, spec.Resources, spec.Timeout, spec.Labels);
        return CheckStructure(document, YamlValue.Map.Empty, resubmission.EnvironmentVariables, pool, config);

        static KeyValuePair<string, string> Label(YamlEntry entry) => new(((YamlValue.Text)entry.Key).Value, ((YamlValue.Text)entry.Value).Value);
    }

    private SpecOutcome ReadFor(SpecSource source, PoolModel? pool, WorkflowConfig? config) => Render(source) switch
    {
        RenderOutcome.Rendered { Spec: var rendered } => Check(rendered, source.EnvironmentVariables, pool, config),
        RenderOutcome.Rejected { Rejection: var rejection } => new SpecOutcome.Rejected(rejection),
        var other => throw new InvalidOperationException($"Unknown outcome {other}."),
    };

    private static SpecOutcome Check(
        RenderedSpec rendered, ImmutableArray<string> environment, PoolModel? pool, WorkflowConfig? config)
    {
        var problems = new SpecProblems();
        CheckTopLevel(rendered.Document, problems);
        var at = new Reading(SpecPath.Root.Then(SpecSections.WorkflowKey), rendered.Workflow, problems);
        var read = WorkflowShape.Workflow.TryRead(at, out var document);
        if (problems.Quantities.Count > 0)
        {
            return Rejected(SpecErrorCode.Resource, problems.Quantities);
        }

        if (!read || problems.Schema.Count > 0)
        {
            return new SpecOutcome.Rejected(new SpecRejection
            {
                Code = SpecErrorCode.Usage,
                Message = SpecReport.OfSchema(problems.Schema),
                WorkflowId = rendered.Name,
                FailedSubmission = SpecName.IsValid(rendered.Name) ? new FailedSubmission(rendered.Name, null) : null,
                Problems = [.. problems.Schema],
            });
        }

        return CheckStructure(document!, rendered.Document, environment, pool, config);
    }

    private static SpecOutcome CheckStructure(
        WorkflowDocument document, YamlValue.Map text, ImmutableArray<string> environment, PoolModel? pool, WorkflowConfig? config)
    {
        if (SpecEnvironment.Apply(document, environment, out var extended) is { } malformed)
        {
            var message = $"Environment variable {malformed} is incorrectly formatted";
            return Rejected(SpecErrorCode.Usage, [new SpecProblem("env_vars", default, message, malformed, "KEY=VALUE")]);
        }

        var outcome = SpecStructure.Build(extended, new SpecLocator(text), pool, config?.MaxNumTasks);
        return outcome is SpecOutcome.Accepted accepted && config is not null
            ? LabelPolicyCheck.Apply(accepted, config.LabelsConfig)
            : outcome;
    }

    /// <summary>A template may print more than the workflow section; of that only <c>version: 2</c> is known.</summary>
    private static void CheckTopLevel(YamlValue.Map document, SpecProblems problems)
    {
        foreach (var (key, value) in document.Entries)
        {
            var name = PythonText.OfScalar(key) ?? key.Kind;
            var at = new Reading(SpecPath.Root.Then(name), value, problems);
            if (name == SpecSections.VersionKey)
            {
                _ = value is YamlValue.Int { Value: var version } && version == OnlyVersion
                    || at.FailRule($"Unsupported workflow version: {PythonText.OfScalar(value) ?? value.Kind}.", "2");
            }
            else if (name != SpecSections.WorkflowKey)
            {
                at.Fail("Extra inputs are not permitted", "workflow, version");
            }
        }
    }

    private static SpecOutcome.Rejected Rejected(SpecErrorCode code, IReadOnlyList<SpecProblem> problems) =>
        new(new SpecRejection { Code = code, Message = SpecReport.Of(problems), Problems = [.. problems] });
}
