using YamlDotNet.Core;

namespace Osmo.Workflows.Yaml;

/// <summary>Outcome of reading a YAML text.</summary>
public abstract record YamlReadResult
{
    private YamlReadResult()
    {
    }

    /// <summary>An empty text is <see cref="YamlValue.Null"/>.</summary>
    public sealed record Read(YamlValue Root) : YamlReadResult;

    public sealed record Failed(string Message, YamlPosition Position) : YamlReadResult;
}

/// <summary>
/// Reads one YAML document with the meaning of a YAML 1.1 safe loader (contract: workflow-spec §5): the last of duplicate keys wins,
/// <c>&lt;&lt;</c> merges, aliases are shared, unknown tags and tabs between tokens are errors.
/// </summary>
public static class YamlReader
{
    /// <summary>Nesting of lists and maps.</summary>
    public const int MaxDepth = 100;

    /// <summary>Values in the document when every alias is written out; bounds what a few nested aliases can blow up to.</summary>
    public const int MaxValues = 200_000;

    /// <param name="text">One document.</param>
    /// <param name="firstLine">The line number that positions give to the first line of <paramref name="text"/>.</param>
    public static YamlReadResult Read(string text, int firstLine = 1)
    {
        var parser = new Parser(new StringReader(text.TrimStart('\ufeff')));
        try
        {
            return new YamlReadResult.Read(new YamlComposer(parser, text.TrimStart('\ufeff'), firstLine - 1).ComposeDocument());
        }
        catch (YamlException fault)
        {
            return new YamlReadResult.Failed(fault.Message, new YamlPosition((int)fault.Start.Line + firstLine - 1, (int)fault.Start.Column));
        }
        catch (InvalidOperationException)
        {
            // The scanner gives up this way, and only this way, on a plain scalar that continues a flow collection left of its block's indentation.
            var at = parser.Current?.End ?? Mark.Empty;
            return new YamlReadResult.Failed(
                "A value inside [] or {} continues at or left of the column of its key; indent the continuation line.",
                new YamlPosition((int)at.Line + firstLine - 1, (int)at.Column));
        }
    }
}
