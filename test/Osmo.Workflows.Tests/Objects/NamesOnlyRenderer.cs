using System.Text.RegularExpressions;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Objects;

/// <summary>Replaces <c>{{NAME}}</c> and knows nothing else: enough to test what surrounds the template engine.</summary>
internal sealed partial class NamesOnlyRenderer : ITemplateRenderer
{
    public TemplateResult Render(string template, TemplateValues variables, TemplateLimits limits)
    {
        var unknown =
            Name().Matches(template).Select(match => match.Groups[1].Value).FirstOrDefault(name => !variables.ByName.ContainsKey(name));
        return unknown is null
            ? new TemplateResult.Rendered(Name().Replace(template, match => Text(variables.ByName[match.Groups[1].Value])))
            : new TemplateResult.Failed(TemplateFault.Undefined, $"'{unknown}' is undefined");
    }

    private static string Text(TemplateValue value) => value switch
    {
        TemplateValue.Text text => text.Value,
        TemplateValue.Int number => number.Value.ToString(),
        TemplateValue.Float number => double.IsInteger(number.Value) ? $"{number.Value}.0" : $"{number.Value}",
        TemplateValue.Bool flag => flag.Value ? "True" : "False",
        TemplateValue.None => "None",
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "Not a scalar."),
    };

    [GeneratedRegex(@"\{\{\s*(\w+)\s*\}\}")]
    private static partial Regex Name();
}
