namespace Osmo.Workflows.Yaml;

/// <summary>A place in a text, moving forward. Beyond the end everything is <see cref="End"/>.</summary>
internal sealed class YamlCursor(string text, SourceLines lines)
{
    public const char End = '\0';

    public int Index { get; private set; }

    /// <summary>Of the text, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>From 0.</summary>
    public int Column { get; private set; }

    /// <summary>Where this place stands in the file that the text came from.</summary>
    public YamlPosition Position => new(lines[Line], Column + 1);

    public char Current => Peek(0);

    /// <summary>All that is still to be read.</summary>
    public ReadOnlySpan<char> Rest => text.AsSpan(Index);

    public bool IsAtDocumentMark => (Rest.StartsWith("---") || Rest.StartsWith("...")) && IsBlankOrEnd(Peek(3));

    public char Peek(int ahead) => (uint)(Index + ahead) < (uint)text.Length ? text[Index + ahead] : End;

    /// <summary>Takes characters of this line.</summary>
    public ReadOnlySpan<char> Take(int length)
    {
        var taken = text.AsSpan(Index, length);
        Index += length;
        Column += Width(taken);
        return taken;
    }

    /// <summary>Takes the rest of the line, without its break.</summary>
    public ReadOnlySpan<char> TakeLine()
    {
        var length = Rest.IndexOfAny("\n\r\u0085\u2028\u2029");
        return Take(length < 0 ? Rest.Length : length);
    }

    /// <summary>Moves over ASCII characters of this line.</summary>
    public void Skip(int count = 1)
    {
        Index += count;
        Column += count;
    }

    /// <param name="most">Of more blanks than these, the others stay.</param>
    public void SkipSpaces(int most = int.MaxValue)
    {
        var spaces = 0;
        while (spaces < most && Peek(spaces) == ' ')
        {
            spaces++;
        }

        Skip(spaces);
    }

    /// <summary>Takes one line break, normalised; empty when there is none.</summary>
    public string TakeBreak()
    {
        var c = Current;
        if (!IsBreak(c))
        {
            return "";
        }

        Index += c == '\r' && Peek(1) == '\n' ? 2 : 1;
        Line++;
        Column = 0;
        return c switch { '\u2028' => "\u2028", '\u2029' => "\u2029", _ => "\n" };
    }

    public static bool IsBreak(char c) => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';

    public static bool IsBreakOrEnd(char c) => c == End || IsBreak(c);

    public static bool IsBlankOrEnd(char c) => c is ' ' or '\t' || IsBreakOrEnd(c);

    /// <summary>Columns count characters: a pair of surrogates is one, a byte order mark none.</summary>
    private static int Width(ReadOnlySpan<char> characters)
    {
        if (!characters.ContainsAnyExceptInRange('\0', '\ud7ff'))
        {
            return characters.Length;
        }

        var width = 0;
        foreach (var c in characters)
        {
            width += char.IsLowSurrogate(c) || c == '\ufeff' ? 0 : 1;
        }

        return width;
    }
}
