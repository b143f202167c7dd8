using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Yaml;

/// <summary>Chooses how a text is written: plain where that reads back as the text, else in single, else in double quotes.</summary>
internal sealed partial class YamlScalarStyle(bool escapeNonAscii)
{
    /// <summary>Whether a literal block can hold the text as it is.</summary>
    public bool CanBeLiteral(string text) => text.AsSpan().ContainsAnyExcept(" \n") && !NeedsEscapes(text.Replace('\n', ' '));

    /// <summary>The text on one line.</summary>
    public string Inline(string text) =>
        NeedsEscapes(text) ? DoubleQuoted(text)
        : IsPlain(text) ? text
        : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static bool IsPlain(string text) =>
        PlainPattern().IsMatch(text) && !text.StartsWith("---", StringComparison.Ordinal)
            && !text.StartsWith("...", StringComparison.Ordinal) && YamlScalars.IsPlainText(text);

    /// <summary>Line breaks, tabs, what is not printable, and if asked for what is not ASCII.</summary>
    private bool NeedsEscapes(string text) => escapeNonAscii ? !AsciiPattern().IsMatch(text) : !PrintablePattern().IsMatch(text);

    private string DoubleQuoted(string text)
    {
        var quoted = new StringBuilder(text.Length + 16).Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var pair = text.Substring(i, 2);
                quoted.Append(escapeNonAscii ? $"\\U{char.ConvertToUtf32(pair, 0):X8}" : pair);
                i++;
            }
            else
            {
                quoted.Append(Escaped(c));
            }
        }

        return quoted.Append('"').ToString();
    }

    private string Escaped(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => @"\\",
        '\n' => @"\n",
        '\t' => @"\t",
        '\r' => @"\r",
        '\0' => @"\0",
        '\e' => @"\e",
        >= ' ' and <= '~' => c.ToString(),
        _ when !escapeNonAscii && PrintablePattern().IsMatch(c.ToString()) => c.ToString(),
        <= '\u00ff' => string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
    };

    // Starts with no indicator, holds no ": " and no " #", and ends with neither a blank nor ':'.
    [GeneratedRegex(@"\A(?:[^\s\-?:,\[\]{}#&*!|>'""%@`=<]|[\-?:](?=[^\s,\[\]{}])|[=<](?=.))(?:[^:#]|:(?=[^\s])|(?<=[^\s])#)*(?<!\s)\z", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex PlainPattern();

    [GeneratedRegex(@"\A[\u0020-\u007e]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex AsciiPattern();

    [GeneratedRegex(@"\A(?:[\u0020-\u007e\u00a1-\u1fff\u2010-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd]|[\ud800-\udbff][\udc00-\udfff])*\z", RegexOptions.CultureInvariant)]
    private static partial Regex PrintablePattern();
}
