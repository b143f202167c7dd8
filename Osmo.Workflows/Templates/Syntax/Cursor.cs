using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>A place in a template's text, and its line.</summary>
internal sealed class Cursor(ReadOnlyMemory<char> text)
{
    public ReadOnlySpan<char> Text => text.Span;

    public int Position { get; private set; }

    /// <summary>From 1.</summary>
    public int Line { get; private set; } = 1;

    public bool AtEnd => Position >= text.Length;

    /// <summary>The character so many places further on, or NUL after the end.</summary>
    public char Peek(int ahead = 0) => Position + ahead < text.Length ? Text[Position + ahead] : '\0';

    public bool Looking(string at, int ahead = 0) => Text[Math.Min(Position + ahead, Text.Length)..].StartsWith(at, StringComparison.Ordinal);

    /// <summary>Where the text stands next, or -1.</summary>
    public int IndexOf(ReadOnlySpan<char> sought, int from) => Text[from..].IndexOf(sought) is var at and >= 0 ? from + at : -1;

    public void MoveTo(int end)
    {
        Line += Text[Position..end].Count('\n');
        Position = end;
    }

    public void SkipSpace() => MoveTo(AfterSpace(Position));

    public int AfterSpace(int at)
    {
        var all = Text;
        while (at < all.Length && CodePoints.IsSpace(all[at]))
        {
            at++;
        }

        return at;
    }

    public TemplateException Error(string message) => TemplateException.Syntax(message, Line);
}
