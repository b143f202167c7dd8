using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>A place in a template's text, and its line.</summary>
internal sealed class Cursor(string text)
{
    public string Text { get; } = text;

    public int Position { get; private set; }

    /// <summary>From 1.</summary>
    public int Line { get; private set; } = 1;

    public bool AtEnd => Position >= Text.Length;

    /// <summary>The character so many places further on, or NUL after the end.</summary>
    public char Peek(int ahead = 0) => Position + ahead < Text.Length ? Text[Position + ahead] : '\0';

    public bool Looking(string at, int ahead = 0) => Text.AsSpan(Math.Min(Position + ahead, Text.Length)).StartsWith(at, StringComparison.Ordinal);

    public void MoveTo(int end)
    {
        Line += Text.AsSpan(Position, end - Position).Count('\n');
        Position = end;
    }

    public void SkipSpace() => MoveTo(AfterSpace(Position));

    public int AfterSpace(int at)
    {
        while (at < Text.Length && CodePoints.IsSpace(Text[at]))
        {
            at++;
        }

        return at;
    }

    public TemplateException Error(string message) => TemplateException.Syntax(message, Line);
}
