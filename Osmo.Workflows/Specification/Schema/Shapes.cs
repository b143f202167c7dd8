using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>The small shapes that the language is built from.</summary>
internal static class Shapes
{
    /// <summary>Text that must be written as text.</summary>
    public static readonly Shape<string> StrictText = new TextShape(fromNumbers: false);

    /// <summary>Text that may be written as a number.</summary>
    public static readonly Shape<string> Text = new TextShape(fromNumbers: true);

    public static readonly Shape<string> Printed = new PrintedShape();

    public static readonly Shape<bool> Bool = new BoolShape();

    public static readonly Shape<int?> OptionalCount = new OptionalShape<int>(new CountShape());

    public static readonly Shape<string> Name = new TextShape(fromNumbers: false, SpecName.NamePattern());

    /// <summary>A name in tasks, where numbers would be taken for text if the pattern allowed them.</summary>
    public static readonly Shape<string> TaskName = new TextShape(fromNumbers: true, SpecName.NamePattern());

    public static readonly Shape<ImmutableArray<string>> Texts = new ListShape<string>(Text);

    public static readonly Shape<string> PythonPattern = new CheckedShape<string>(
        StrictText,
        (pattern, at) => PythonRegex.TryCompile(pattern, out _) || at.FailRule($"Invalid regex: {pattern}", "a Python regular expression"));

    /// <summary>A duration; booleans are refused (contract: workflow-spec §6.10).</summary>
    public static readonly Shape<TimeSpan> DurationText =
        new CustomShape<TimeSpan>(TryReadDuration, _ => new JsonObject { ["type"] = new JsonArray("string", "number") });

    public static readonly Shape<TimeSpan?> OptionalDuration = new OptionalShape<TimeSpan>(DurationText);

    private static bool TryReadDuration(Reading at, [MaybeNullWhen(false)] out TimeSpan value)
    {
        value = default;
        var read = at.Value switch
        {
            YamlValue.Text text => SpecDuration.TryParse(text.Value, out value),
            YamlValue.Int seconds => SpecDuration.TryFromSeconds(seconds.Value, out value),
            YamlValue.Float seconds => SpecDuration.TryFromSeconds(seconds.Value, out value),
            _ => false,
        };
        var shown = PythonText.OfScalar(at.Value) ?? at.Value.Kind;
        return read || at.FailRule($"Cannot recognize duration: {shown}. Only support {SpecDuration.Allowed}",
            $"such as 90s, 15m or 2h (whole numbers), or a number of seconds; not negative, at most {TimeSpan.MaxValue.Days}d");
    }
}
