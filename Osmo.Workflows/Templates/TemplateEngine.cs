using Osmo.Workflows.Templates.Evaluation;
using Osmo.Workflows.Templates.Syntax;

namespace Osmo.Workflows.Templates;

/// <summary>
/// The subset of Jinja2 that specifications and pod templates are written in (contract: workflow-spec §4): strict about undefined names,
/// sandboxed by a closed set of values and functions, bounded in time, memory and depth.
/// </summary>
public sealed class TemplateEngine : ITemplateRenderer
{
    private readonly TimeProvider _time;
    private readonly ParsedTemplates _parsed = new();

    public TemplateEngine(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    public TemplateResult Render(string template, TemplateValues variables, TemplateLimits limits)
    {
        if (!template.AsSpan().ContainsAny('{', '\r') && !template.EndsWith('\n'))
        {
            return new TemplateResult.Rendered(template);
        }

        try
        {
            var budget = new Budget(limits, _time);
            return new Renderer(variables, budget).Render(_parsed.Parse(template, budget));
        }
        catch (TemplateException e)
        {
            return new TemplateResult.Failed(e.Fault, e.Message, e.Line);
        }
    }
}
