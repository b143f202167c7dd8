namespace Osmo.Workflows.Yaml;

/// <summary>What tags make of a value. Only the types that a specification can hold are known.</summary>
internal static class YamlTags
{
    private const string Standard = "tag:yaml.org,2002:";

    private const string NonSpecific = "!";

    /// <summary>The value of a scalar: by its tag, else quoted is text, else what it looks like.</summary>
    public static YamlValue Scalar(YamlToken scalar, YamlToken? tag)
    {
        try
        {
            return Typed(scalar, tag?.Text);
        }
        catch (FormatException fault)
        {
            throw new YamlSyntaxException(fault.Message, scalar.Position);
        }
    }

    /// <summary>A list or map may only carry its own tag.</summary>
    public static void Require(string kind, YamlToken? tag)
    {
        if (tag is { Text: not NonSpecific } given && given.Text != Standard + kind)
        {
            throw new YamlSyntaxException($"The tag '{given.Text}' is not supported here.", given.Position);
        }
    }

    private static YamlValue Typed(YamlToken scalar, string? tag)
    {
        var (text, position) = (scalar.Text, scalar.Position);
        if (tag is null or NonSpecific)
        {
            return scalar.Kind == YamlTokenKind.QuotedScalar && tag is null ? new YamlValue.Text(text) { Position = position }
                : text is "=" or "<<" ? throw new FormatException($"A lone '{text}' has a special meaning; quote it.")
                : YamlScalars.Resolve(text, position);
        }

        return (tag.StartsWith(Standard, StringComparison.Ordinal) ? tag[Standard.Length..] : "") switch
        {
            "str" => new YamlValue.Text(text) { Position = position },
            "null" => new YamlValue.Null { Position = position },
            "int" => new YamlValue.Int(YamlScalars.ParseInt(text)) { Position = position },
            "float" => new YamlValue.Float(YamlScalars.ParseFloat(text)) { Position = position },
            "bool" when text.ToLowerInvariant() is "yes" or "true" or "on" => new YamlValue.Bool(true) { Position = position },
            "bool" when text.ToLowerInvariant() is "no" or "false" or "off" => new YamlValue.Bool(false) { Position = position },
            "timestamp" when YamlScalars.Resolve(text, position) is YamlValue.Timestamp date => date,
            "bool" or "timestamp" => throw new FormatException($"'{text}' does not fit its tag '{tag}'."),
            _ => throw new FormatException(
                $"The tag '{tag}' is not supported; allowed are !!str, !!int, !!float, !!bool, !!null, !!timestamp, !!seq and !!map."),
        };
    }
}
