using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Breaks a line into lines of at most a width, at blanks and after hyphens within words.</summary>
internal sealed class TextWrap(int width, bool breaksLongWords, bool breaksAtHyphens, Budget budget)
{
    public List<string> Wrap(string text)
    {
        if (width <= 0)
        {
            throw TemplateException.Value($"invalid width {width} (must be > 0)");
        }

        budget.AllocateText(text.Length);
        var pieces = new Stack<string>(Pieces(text).Reverse());
        var lines = new List<string>();
        while (pieces.Count > 0)
        {
            if (lines.Count > 0 && IsBlank(pieces.Peek()))
            {
                pieces.Pop();
            }

            var line = NextLine(pieces);
            if (line.Count > 0 && IsBlank(line[^1]))
            {
                line.RemoveAt(line.Count - 1);
            }

            if (line.Count > 0)
            {
                budget.Allocate(32);
                lines.Add(string.Concat(line));
            }
        }

        return lines;
    }

    private List<string> NextLine(Stack<string> pieces)
    {
        var line = new List<string>();
        var length = 0;
        while (pieces.TryPeek(out var piece) && length + CodePoints.Count(piece) <= width)
        {
            budget.Step();
            line.Add(pieces.Pop());
            length += CodePoints.Count(piece);
        }

        if (!pieces.TryPeek(out var word) || CodePoints.Count(word) <= width)
        {
            return line;
        }

        if (!breaksLongWords)
        {
            if (line.Count == 0)
            {
                line.Add(pieces.Pop());
            }

            return line;
        }

        pieces.Pop();
        var end = CodePoints.UnitOf(word, width - length);
        var hyphen = breaksAtHyphens && end > 0 ? word.LastIndexOf('-', end - 1) : -1;
        end = hyphen > 0 && word.AsSpan(0, hyphen).ContainsAnyExcept('-') ? hyphen + 1 : end;
        budget.AllocateText(word.Length);
        line.Add(word[..end]);
        pieces.Push(word[end..]);
        return line;
    }

    /// <summary>Blanks, words, and parts of words up to a hyphen.</summary>
    private IEnumerable<string> Pieces(string text)
    {
        var start = 0;
        for (var at = 1; at <= text.Length; at++)
        {
            if (at == text.Length || IsSpace(text[at]) != IsSpace(text[at - 1]) || (breaksAtHyphens && EndsAtHyphen(text, at - 1)))
            {
                budget.Allocate(32);
                yield return text[start..at];
                start = at;
            }
        }
    }

    private static bool EndsAtHyphen(string text, int at) => text[at] == '-'
        && IsLetter(text, at - 1) && (IsLetter(text, at - 2) || (at >= 2 && text[at - 2] == '-' && IsLetter(text, at - 3)))
        && IsLetter(text, at + 1) && (IsLetter(text, at + 2) || (at + 2 < text.Length && text[at + 2] == '-' && IsLetter(text, at + 3)));

    private static bool IsLetter(string text, int at) => at >= 0 && at < text.Length && (char.IsLetter(text[at]) || text[at] == '_');

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\v' or '\f' or '\r';

    private static bool IsBlank(string piece) => piece.All(CodePoints.IsSpace);
}
