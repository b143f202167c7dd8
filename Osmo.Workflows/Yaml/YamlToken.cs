namespace Osmo.Workflows.Yaml;

/// <summary>The tokens of YAML 1.1; block collections get start and end tokens from indentation.</summary>
internal enum YamlTokenKind
{
    DocumentStart = 1,
    DocumentEnd,
    End,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    Tag,
    PlainScalar,
    QuotedScalar,
}

/// <summary><paramref name="Text"/> is the scalar's value, the anchor's or alias's name, or the resolved tag.</summary>
internal readonly record struct YamlToken(YamlTokenKind Kind, YamlPosition Position, string Text = "")
{
    /// <summary>How an error message names the token.</summary>
    public string Shown => Kind switch
    {
        YamlTokenKind.End => "the end of the text",
        YamlTokenKind.DocumentStart => "'---'",
        YamlTokenKind.DocumentEnd => "'...'",
        YamlTokenKind.BlockEnd => "the end of the block",
        YamlTokenKind.BlockSequenceStart or YamlTokenKind.BlockMappingStart => "a new block",
        YamlTokenKind.FlowSequenceStart => "'['",
        YamlTokenKind.FlowSequenceEnd => "']'",
        YamlTokenKind.FlowMappingStart => "'{'",
        YamlTokenKind.FlowMappingEnd => "'}'",
        YamlTokenKind.BlockEntry => "'-'",
        YamlTokenKind.FlowEntry => "','",
        YamlTokenKind.Key => "a key",
        YamlTokenKind.Value => "':'",
        YamlTokenKind.Alias => $"'*{Text}'",
        YamlTokenKind.Anchor => $"'&{Text}'",
        YamlTokenKind.Tag => $"the tag '{Text}'",
        _ => "a value",
    };
}

/// <summary>The text is no YAML 1.1; never leaves <see cref="YamlReader"/>.</summary>
internal sealed class YamlSyntaxException(string message, YamlPosition position) : Exception(message)
{
    public YamlPosition Position { get; } = position;
}
