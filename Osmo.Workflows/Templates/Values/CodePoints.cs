using System.Text;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Texts as Python sees them: sequences of code points, not of UTF-16 units.</summary>
internal static class CodePoints
{
    private static readonly string[] Ascii = [.. Enumerable.Range(0, 128).Select(c => ((char)c).ToString())];

    /// <summary>Whether every code point is one unit.</summary>
    public static bool AreUnits(string text) => !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    public static int Count(string text) => Count(text.AsSpan());

    public static int Count(ReadOnlySpan<char> text)
    {
        var first = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        if (first < 0)
        {
            return text.Length;
        }

        var count = first;
        for (var at = first; at < text.Length; at += Units(text, at))
        {
            count++;
        }

        return count;
    }

    /// <summary>The unit at which a code point starts, counted from the start; the end of the text if there are fewer.</summary>
    public static int UnitOf(string text, int codePoint)
    {
        if (AreUnits(text))
        {
            return Math.Min(codePoint, text.Length);
        }

        var at = 0;
        for (; codePoint > 0 && at < text.Length; codePoint--)
        {
            at += Units(text, at);
        }

        return at;
    }

    /// <summary>The first code points of a text.</summary>
    public static string Take(string text, int count) => text[..UnitOf(text, Math.Max(0, count))];

    public static string At(string text, int index)
    {
        var start = UnitOf(text, index);
        return Text(text.AsSpan(start, Units(text, start)));
    }

    public static IEnumerable<string> Each(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var units = Units(text, at);
            yield return Text(text.AsSpan(at, units));
            at += units;
        }
    }

    /// <summary>Order of code points, as Python compares texts.</summary>
    public static int Compare(string a, string b)
    {
        var same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        // A unit of a surrogate pair stands for a code point above all that are one unit.
        var (left, right) = (a[same], b[same]);
        return char.IsSurrogate(left) == char.IsSurrogate(right) ? left.CompareTo(right) : char.IsSurrogate(left) ? 1 : -1;
    }

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static ReadOnlySpan<char> TrimEnd(ReadOnlySpan<char> text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[..end];
    }

    public static ReadOnlySpan<char> TrimStart(ReadOnlySpan<char> text)
    {
        var start = 0;
        while (start < text.Length && IsSpace(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    /// <summary>Runes of a text; half a surrogate pair comes as U+FFFD.</summary>
    public static StringRuneEnumerator Runes(string text) => text.EnumerateRunes();

    private static int Units(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    private static string Text(ReadOnlySpan<char> codePoint) => codePoint is [< (char)128] ? Ascii[codePoint[0]] : codePoint.ToString();
}
