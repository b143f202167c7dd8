using System.Buffers;

namespace Osmo.Workflows.Yaml;

/// <summary>Outcome of reading a YAML text.</summary>
public abstract record YamlReadResult
{
    private YamlReadResult()
    {
    }

    /// <summary>An empty text is <see cref="YamlValue.Null"/>.</summary>
    public sealed record Read(YamlValue Root) : YamlReadResult;

    /// <summary>The first fault and where it stands.</summary>
    public sealed record Failed(string Message, YamlPosition Position) : YamlReadResult;
}

/// <summary>
/// Reads one YAML document with the meaning of a YAML 1.1 safe loader (contract: workflow-spec §5): the last of duplicate keys wins,
/// <c>&lt;&lt;</c> merges, aliases are shared, unknown tags and tabs between tokens are errors. A parser of our own, because those for
/// YAML 1.2 take other texts: they refuse <c>[tar, xf, -]</c> and let tabs pass.
/// </summary>
public static class YamlReader
{
    private static readonly SearchValues<char> PrintableAscii =
        SearchValues.Create([.. "\t\n\r", .. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (char)code)]);

    /// <summary>Nesting of lists and maps.</summary>
    public const int MaxDepth = 100;

    /// <summary>Values in the document when every alias is written out; bounds what a few nested aliases can blow up to.</summary>
    public const int MaxValues = 200_000;

    /// <param name="text">One document; a byte order mark is ignored.</param>
    public static YamlReadResult Read(string text) => Read(text, SourceLines.Same);

    /// <param name="text">One document; a byte order mark is ignored.</param>
    /// <param name="lines">Where the text came from: what positions speak of.</param>
    public static YamlReadResult Read(string text, SourceLines lines)
    {
        text = text.TrimStart('\ufeff');
        if (FirstUnprintable(text) is { } unprintable)
        {
            return new YamlReadResult.Failed(
                $"The character U+{(int)text[unprintable]:X4} is not allowed.", EndOf(text[..unprintable], lines));
        }

        try
        {
            return new YamlReadResult.Read(new YamlComposer(new YamlScanner(new YamlCursor(text, lines))).ComposeDocument());
        }
        catch (YamlSyntaxException fault)
        {
            return new YamlReadResult.Failed(fault.Message, fault.Position);
        }
    }

    private static int? FirstUnprintable(string text)
    {
        for (var i = 0; text.AsSpan(i).IndexOfAnyExcept(PrintableAscii) is var next and >= 0; i++)
        {
            i += next;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
            }
            else if (text[i] is not ('\u0085' or (>= '\u00a0' and <= '\ud7ff') or (>= '\ue000' and <= '\ufffd')))
            {
                return i;
            }
        }

        return null;
    }

    private static YamlPosition EndOf(string text, SourceLines lines)
    {
        var at = new YamlCursor(text, lines);
        while (!at.Rest.IsEmpty)
        {
            at.TakeLine();
            at.TakeBreak();
        }

        return at.Position;
    }
}
