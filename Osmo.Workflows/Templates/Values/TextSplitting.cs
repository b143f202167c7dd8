using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>How Python takes texts apart.</summary>
internal static class TextSplitting
{
    /// <summary>Bytes that a piece needs besides its characters.</summary>
    private const int PieceBytes = 32;

    /// <param name="separator">Null for any whitespace, of which none is left between the pieces.</param>
    /// <param name="most">Number of cuts; negative for as many as there are.</param>
    public static List<string> Split(string text, string? separator, int most, Budget budget)
    {
        budget.AllocateText(text.Length);
        var parts = new List<string>();
        var at = 0;
        if (separator is null)
        {
            while ((at = NotSpace(text, at)) < text.Length)
            {
                var end = most >= 0 && parts.Count >= most ? text.Length : Space(text, at);
                parts.Add(Piece(text[at..end], budget));
                at = end;
            }

            return parts;
        }

        Check(separator);
        for (int end; (most < 0 || parts.Count < most) && (end = text.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; at = end + separator.Length)
        {
            parts.Add(Piece(text[at..end], budget));
        }

        parts.Add(Piece(text[at..], budget));
        return parts;
    }

    /// <summary>Cuts from the right.</summary>
    public static List<string> SplitRight(string text, string? separator, int most, Budget budget)
    {
        budget.AllocateText(text.Length);
        var parts = new List<string>();
        if (separator is null)
        {
            var rest = CodePoints.TrimEnd(text);
            while (rest.Length > 0)
            {
                var start = most >= 0 && parts.Count >= most ? 0 : AfterLastSpace(rest);
                parts.Add(Piece(rest[start..].ToString(), budget));
                rest = CodePoints.TrimEnd(rest[..start]);
            }
        }
        else
        {
            Check(separator);
            var rest = text.AsSpan();
            for (int start; (most < 0 || parts.Count < most) && (start = rest.LastIndexOf(separator)) >= 0; rest = rest[..start])
            {
                parts.Add(Piece(rest[(start + separator.Length)..].ToString(), budget));
            }

            parts.Add(Piece(rest.ToString(), budget));
        }

        parts.Reverse();
        return parts;
    }

    public static List<string> Lines(string text, bool keepEnds, Budget budget)
    {
        budget.AllocateText(text.Length);
        var lines = new List<string>();
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (!IsLineEnd(text[at]))
            {
                continue;
            }

            var next = text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? at + 2 : at + 1;
            lines.Add(Piece(text[start..(keepEnds ? next : at)], budget));
            (start, at) = (next, next - 1);
        }

        if (start < text.Length)
        {
            lines.Add(Piece(text[start..], budget));
        }

        return lines;
    }

    public static string Strip(string text, string? characters, bool left = true, bool right = true)
    {
        var rest = text.AsSpan();
        if (characters is null)
        {
            rest = left ? CodePoints.TrimStart(rest) : rest;
            rest = right ? CodePoints.TrimEnd(rest) : rest;
        }
        else
        {
            rest = left ? rest.TrimStart(characters) : rest;
            rest = right ? rest.TrimEnd(characters) : rest;
        }

        return rest.Length == text.Length ? text : rest.ToString();
    }

    private static bool IsLineEnd(char c) => c is '\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029';

    private static int NotSpace(string text, int at)
    {
        while (at < text.Length && CodePoints.IsSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int Space(string text, int at)
    {
        while (at < text.Length && !CodePoints.IsSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int AfterLastSpace(ReadOnlySpan<char> text)
    {
        var start = text.Length;
        while (start > 0 && !CodePoints.IsSpace(text[start - 1]))
        {
            start--;
        }

        return start;
    }

    private static string Piece(string piece, Budget budget)
    {
        budget.Step();
        budget.Allocate(PieceBytes);
        return piece;
    }

    private static void Check(string separator)
    {
        if (separator.Length == 0)
        {
            throw TemplateException.Value("empty separator");
        }
    }
}
