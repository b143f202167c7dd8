using System.Collections.Immutable;
using Osmo.Workflows.Templates;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>
/// The first stages of a submission (contract: workflow-spec §2.4, steps 3 to 7): sections, default values, variables, template,
/// YAML, name, labels, in the order that decides which fault is reported.
/// </summary>
internal sealed class SpecRenderer(ITemplateRenderer templates)
{
    public RenderOutcome Render(SpecSource source) => SpecSections.Split(source.Text) switch
    {
        SectionsOutcome.Split { Sections: var sections } => Render(sections, source),
        SectionsOutcome.Rejected { Problems: var problems } => Rejected(
            SpecErrorCode.User, SpecReport.Of(problems), problems),
        var other => throw new InvalidOperationException($"Unknown outcome {other}."),
    };

    private RenderOutcome Render(SpecSections sections, SpecSource source)
    {
        if (source.IsRendered)
        {
            return Parse(sections.Workflow.Text, SourceLines.Same.From(sections.Workflow.Line), source);
        }

        if (ReadVariables(sections.DefaultValues, source, out var variables) is { } rejected)
        {
            return new RenderOutcome.Rejected(rejected);
        }

        var tokens = ReservedTokens.TakeOut(sections.Workflow.Text);
        return templates.Render(tokens.Template, variables, source.TemplateLimits) switch
        {
            TemplateResult.Rendered rendered => Parse(tokens.PutBack(rendered.Text), rendered.Lines.From(sections.Workflow.Line), source),
            TemplateResult.Failed failed => TemplateFailed(failed, sections.Workflow.Line),
            var other => throw new InvalidOperationException($"Unknown template result {other}."),
        };
    }

    private static SpecRejection? ReadVariables(SpecSection? section, SpecSource source, out TemplateValues variables)
    {
        variables = TemplateValues.Empty;
        if (section is not null && ReadDefaults(section, source, ref variables) is { } rejection)
        {
            return rejection;
        }

        var malformed = SpecVariables.Apply(ref variables, source.SetVariables, asText: false)
            ?? SpecVariables.Apply(ref variables, source.SetStringVariables, asText: true);
        if (malformed is null)
        {
            return null;
        }

        var problem = new SpecProblem("set_variables", default, $"Data {malformed} is incorrectly formatted", malformed, "KEY=VALUE");
        return Rejection(SpecErrorCode.Usage, SpecReport.Of([problem]), [problem]);
    }

    private static SpecRejection? ReadDefaults(SpecSection section, SpecSource source, ref TemplateValues variables)
    {
        var result = YamlReader.Read(section.Text, SourceLines.Same.From(section.Line));
        if (result is YamlReadResult.Failed failed)
        {
            return NotYaml(failed, source);
        }

        var defaults = ((result as YamlReadResult.Read)?.Root as YamlValue.Map)?.Find(SpecSections.DefaultValuesKey)
            ?? new YamlValue.Null();
        if (SpecVariables.FromDefaults(defaults) is { } values)
        {
            variables = values;
            return null;
        }

        var message = defaults is YamlValue.Map
            ? "keywords must be strings"
            : $"{SpecSections.DefaultValuesKey} must be a map, not {defaults.Kind}";
        return Rejection(SpecErrorCode.Usage, $"Jinja Template Error: {message}",
            [new SpecProblem(SpecSections.DefaultValuesKey, defaults.Position, message, defaults.Kind, "a map of variable names")]);
    }

    private static RenderOutcome.Rejected TemplateFailed(TemplateResult.Failed failed, int sectionLine)
    {
        var message = failed.Fault switch
        {
            TemplateFault.Undefined => Substitution("jinja2.exceptions.UndefinedError"),
            TemplateFault.Syntax => Substitution("jinja2.exceptions.TemplateSyntaxError"),
            TemplateFault.Assertion => Substitution("jinja2.exceptions.TemplateAssertionError"),
            TemplateFault.Security => Substitution("jinja2.exceptions.SecurityError"),
            TemplateFault.TimeLimit => Substitution("TimeoutError"),
            TemplateFault.MemoryLimit => Substitution("MemoryError"),
            _ => $"Jinja Template Error: {failed.Message}",
        };
        var line = failed.Line > 0 ? failed.Line + sectionLine - 1 : 0;
        return Rejected(SpecErrorCode.Usage, line > 0 ? $"{message} (line {line})" : message,
            [new SpecProblem(SpecSections.WorkflowKey, new YamlPosition(line, line > 0 ? 1 : 0), failed.Message)]);

        string Substitution(string exception) => $"Jinja substitution failure: <class '{exception}'>: {failed.Message}";
    }

    private static RenderOutcome Parse(string text, SourceLines lines, SpecSource source)
    {
        var result = YamlReader.Read(text, lines);
        if (result is YamlReadResult.Failed failed)
        {
            return new RenderOutcome.Rejected(NotYaml(failed, source));
        }

        var root = ((YamlReadResult.Read)result).Root;
        var spec = root as YamlValue.Map;
        if (spec?.Find(SpecSections.WorkflowKey) is not YamlValue.Map workflow)
        {
            var found = spec?.Find(SpecSections.WorkflowKey) ?? root;
            const string Message = "Workflow spec is not properly formatted: 'workflow' must be a map";
            return Rejected(SpecErrorCode.Usage, $"{Message}, not {found.Kind}.",
                [new SpecProblem(SpecSections.WorkflowKey, found.Position, Message, found.Kind, "a map")]);
        }

        if (workflow.Find("name") is { } given and not YamlValue.Text)
        {
            var problem = new SpecProblem("workflow.name", given.Position, "Input should be a valid string",
                PythonText.OfScalar(given) ?? given.Kind, "a string; quote it");
            return Rejected(SpecErrorCode.Usage, SpecReport.OfSchema([problem]), [problem]);
        }

        return MergeLabels(spec, workflow, source);
    }

    private static RenderOutcome MergeLabels(YamlValue.Map spec, YamlValue.Map workflow, SpecSource source)
    {
        switch (WorkflowLabels.Merge(workflow.Find("labels"), source.StoredLabels, source.LabelOverrides))
        {
            case LabelsOutcome.Rejected rejected:
                var found = PythonText.OfScalar(rejected.Value) ?? rejected.Value.Kind;
                return Rejected(SpecErrorCode.Usage, rejected.Message,
                    [new SpecProblem("workflow.labels", rejected.Value.Position, rejected.Message, found)]);
            case LabelsOutcome.Merged { Labels: { } labels }:
                workflow = workflow.With("labels", labels);
                break;
        }

        var name = (workflow.Find("name") as YamlValue.Text)?.Value ?? SpecName.OfFailed(source.WorkflowUuid);
        return new RenderOutcome.Rendered(new RenderedSpec(name, spec.With(SpecSections.WorkflowKey, workflow)));
    }

    private static SpecRejection NotYaml(YamlReadResult.Failed failed, SpecSource source) =>
        Rejection(SpecErrorCode.Usage, $"Workflow spec is not properly formatted: {failed.Message} ({failed.Position})",
            [new SpecProblem("", failed.Position, failed.Message)]) with
        {
            WorkflowId = source.WorkflowUuid,
            FailedSubmission = new FailedSubmission(SpecName.OfFailed(source.WorkflowUuid), null),
        };

    private static RenderOutcome.Rejected Rejected(SpecErrorCode code, string message, ImmutableArray<SpecProblem> problems) =>
        new(Rejection(code, message, problems));

    private static SpecRejection Rejection(SpecErrorCode code, string message, ImmutableArray<SpecProblem> problems) =>
        new() { Code = code, Message = message, Problems = problems };
}
