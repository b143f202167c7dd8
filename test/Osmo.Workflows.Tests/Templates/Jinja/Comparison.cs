using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Templates.Jinja;

/// <summary>One template rendered here and by Jinja2.</summary>
internal static class Comparison
{
    private static readonly TemplateLimits Limits = new() { MaxTime = TimeSpan.FromSeconds(30) };

    public static TemplateResult RenderHere(string template, TemplateValues variables) => new TemplateEngine().Render(template, variables, Limits);

    /// <summary>Null when both agree: on the text, or on the kind of error and, where clients see Jinja's words, on message and line.</summary>
    public static string? Difference(string template, TemplateResult here, JinjaResult jinja)
    {
        var (kind, text) = here switch
        {
            TemplateResult.Rendered rendered => ("ok", rendered.Text),
            TemplateResult.Failed failed => (Kind(failed.Fault), failed.Message),
            _ => throw new InvalidOperationException($"Unknown result {here}."),
        };
        var line = here is TemplateResult.Failed { Line: var known } && jinja.Line > 0 ? known : jinja.Line;
        if (kind == jinja.Kind && (kind == "other" || (text == jinja.Text && line == jinja.Line)))
        {
            return null;
        }

        // What fails in Python because something is undefined is called so here, whatever Python stumbled over.
        if (kind is "UndefinedError" or "SecurityError" && jinja.Kind == "other" && jinja.Text.Contains("Undefined", StringComparison.Ordinal))
        {
            return null;
        }

        return $"""
            template: {template}
                here: {kind}: {text} (line {line})
               Jinja: {jinja.Kind}: {jinja.Text} (line {jinja.Line})
            """;
    }

    public static TemplateValues Values(JsonObject variables) => new(TemplateValues.Empty.ByName.AddRange(
        variables.Select(variable => KeyValuePair.Create(variable.Key, Value(variable.Value)))));

    private static string Kind(TemplateFault fault) => fault switch
    {
        TemplateFault.Undefined => "UndefinedError",
        TemplateFault.Syntax => "TemplateSyntaxError",
        TemplateFault.Assertion => "TemplateAssertionError",
        TemplateFault.Security => "SecurityError",
        _ => "other",
    };

    private static TemplateValue Value(JsonNode? node) => node?.GetValueKind() switch
    {
        null => TemplateValue.None.Instance,
        JsonValueKind.String => new TemplateValue.Text((string)node!),
        JsonValueKind.True or JsonValueKind.False => new TemplateValue.Bool((bool)node!),
        JsonValueKind.Array => new TemplateValue.List([.. node.AsArray().Select(Value)]),
        JsonValueKind.Object => new TemplateValue.Map([.. node.AsObject().Select(entry =>
            KeyValuePair.Create<TemplateValue, TemplateValue>(new TemplateValue.Text(entry.Key), Value(entry.Value)))]),
        _ => BigInteger.TryParse(node!.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? new TemplateValue.Int(whole)
            : new TemplateValue.Float(double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture)),
    };
}
