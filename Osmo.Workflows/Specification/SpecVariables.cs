using System.Collections.Immutable;
using Osmo.Workflows.Templates;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Template variables of a submission: default values, then <c>--set</c>, then <c>--set-string</c> (contract: workflow-spec §3.1).
/// </summary>
internal static class SpecVariables
{
    /// <summary>Defaults of a parsed <c>default-values</c> section; null when they are no map with text keys.</summary>
    public static TemplateValues? FromDefaults(YamlValue defaults)
    {
        // Null, false, 0, '' and empty collections all mean "none".
        if (defaults is YamlValue.Null or YamlValue.Bool { Value: false } or YamlValue.Int { Value.IsZero: true } or YamlValue.Float { Value: 0 }
            or YamlValue.Text { Value: "" } or YamlValue.List { Items: [] } or YamlValue.Map { Entries: [] })
        {
            return TemplateValues.Empty;
        }

        if (defaults is not YamlValue.Map map || !map.Entries.All(entry => entry.Key is YamlValue.Text))
        {
            return null;
        }

        return map.Entries.Aggregate(
            TemplateValues.Empty, (values, entry) => values.With(((YamlValue.Text)entry.Key).Value, ToTemplateValue(entry.Value)));
    }

    /// <summary>Applies <c>k=v</c> settings; returns the first that has no <c>=</c>, or null.</summary>
    public static string? Apply(ref TemplateValues values, ImmutableArray<string> settings, bool asText)
    {
        foreach (var setting in settings)
        {
            var split = setting.IndexOf('=', StringComparison.Ordinal);
            if (split < 0)
            {
                return setting;
            }

            var text = setting[(split + 1)..];
            values = values.With(setting[..split], asText ? new TemplateValue.Text(text) : Typed(text));
        }

        return null;
    }

    /// <summary>An integer, else a float, else text; never a boolean.</summary>
    private static TemplateValue Typed(string text) =>
        PythonNumber.TryParseInt(text, out var number) ? new TemplateValue.Int(number)
        : PythonNumber.TryParseFloat(text, out var real) ? new TemplateValue.Float(real.Value)
        : new TemplateValue.Text(text);

    private static TemplateValue ToTemplateValue(YamlValue value) => value switch
    {
        YamlValue.Null => TemplateValue.None.Instance,
        YamlValue.Bool flag => new TemplateValue.Bool(flag.Value),
        YamlValue.Int number => new TemplateValue.Int(number.Value),
        YamlValue.Float number => new TemplateValue.Float(number.Value),
        YamlValue.Timestamp date => new TemplateValue.Text(date.Source),
        YamlValue.Text text => new TemplateValue.Text(text.Value),
        YamlValue.List list => new TemplateValue.List([.. list.Items.Select(ToTemplateValue)]),
        YamlValue.Map map => new TemplateValue.Map(
            [.. map.Entries.Select(entry => KeyValuePair.Create(ToTemplateValue(entry.Key), ToTemplateValue(entry.Value)))]),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.Kind, "Not a YAML value."),
    };
}
