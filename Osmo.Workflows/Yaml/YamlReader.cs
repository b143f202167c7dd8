using System.Text.RegularExpressions;

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
/// <c>&lt;&lt;</c> merges, aliases are shared, unknown tags and tabs between tokens are errors. A parser of our own, because those for
/// YAML 1.2 take other texts: they refuse <c>[tar, xf, -]</c> and let tabs pass.
/// </summary>
public static partial class YamlReader
{
    /// <summary>Nesting of lists and maps.</summary>
    public const int MaxDepth = 100;

    /// <summary>Values in the document when every alias is written out; bounds what a few nested aliases can blow up to.</summary>
    public const int MaxValues = 200_000;

    /// <param name="text">One document; a byte order mark is ignored.</param>
    /// <param name="firstLine">The line number that positions give to the first line of <paramref name="text"/>.</param>
    public static YamlReadResult Read(string text, int firstLine = 1)
    {
        text = text.TrimStart('\ufeff');
        var at = new YamlCursor(text, firstLine);
        if (Unprintable().Match(text) is { Success: true } unprintable)
        {
            at.Skip(unprintable.Index);
            return new YamlReadResult.Failed($"The character U+{(int)unprintable.ValueSpan[0]:X4} is not allowed.", at.Position);
        }

        try
        {
            return new YamlReadResult.Read(new YamlComposer(new YamlScanner(at)).ComposeDocument());
        }
        catch (YamlSyntaxException fault)
        {
            return new YamlReadResult.Failed(fault.Message, fault.Position);
        }
    }

    [GeneratedRegex("[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\ud800-\udfff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]", RegexOptions.CultureInvariant)]
    private static partial Regex Unprintable();
}
