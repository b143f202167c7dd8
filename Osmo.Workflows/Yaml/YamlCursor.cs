namespace Osmo.Workflows.Yaml;

/// <summary>A place in a text, moving forward. Beyond the end everything is <see cref="End"/>.</summary>
internal sealed class YamlCursor(string text, int firstLine)
{
    public const char End = '\0';

    private int _line = firstLine;

    public int Index { get; private set; }

    /// <summary>From 0.</summary>
    public int Column { get; private set; }

    public int Line => _line;

    public YamlPosition Position => new(_line, Column + 1);

    public char Current => Peek(0);

    public bool IsAtDocumentMark => (StartsWith("---") || StartsWith("...")) && IsBlankOrEnd(Peek(3));

    public char Peek(int ahead) => Index + ahead < text.Length ? text[Index + ahead] : End;

    public bool StartsWith(string expected) => string.CompareOrdinal(text, Index, expected, 0, expected.Length) == 0;

    public string Take(int length)
    {
        var taken = text.Substring(Index, length);
        Skip(length);
        return taken;
    }

    public void Skip(int count = 1)
    {
        for (; count > 0 && Index < text.Length; count--)
        {
            var c = text[Index++];
            if (IsBreak(c) && !(c == '\r' && Current == '\n'))
            {
                _line++;
                Column = 0;
            }
            else if (!char.IsLowSurrogate(c) && c != '\ufeff')
            {
                Column++;
            }
        }
    }

    public void SkipWhile(char c)
    {
        while (Current == c)
        {
            Skip();
        }
    }

    /// <summary>Takes one line break, normalised; empty when there is none.</summary>
    public string TakeBreak()
    {
        var c = Current;
        if (!IsBreak(c))
        {
            return "";
        }

        Skip(c == '\r' && Peek(1) == '\n' ? 2 : 1);
        return c is '\u2028' or '\u2029' ? c.ToString() : "\n";
    }

    public static bool IsBreak(char c) => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';

    public static bool IsBreakOrEnd(char c) => c == End || IsBreak(c);

    public static bool IsBlankOrEnd(char c) => c is ' ' or '\t' || IsBreakOrEnd(c);
}
