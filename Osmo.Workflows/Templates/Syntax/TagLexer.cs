using System.Globalization;
using Osmo.Workflows.Templates.Evaluation;
using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>Cuts what stands between <c>{{ }}</c> or <c>{% %}</c> into tokens.</summary>
internal sealed class TagLexer(Cursor at, List<Token> tokens, Budget budget)
{
    private const string SingleOperators = "+-/*%~[](){}<>=.:|,;";

    private readonly HashSet<string> _pool = new(StringComparer.Ordinal);
    private readonly Stack<char> _open = new();

    /// <summary>Reads a whole tag; one that is not closed ends with the template, which the parser reports.</summary>
    public void Read(TokenKind begin, TokenKind end, string endText)
    {
        tokens.Add(new Token(begin, "", at.Line));
        at.MoveTo(at.Position + (at.Peek(2) is '-' or '+' ? 3 : 2));
        _open.Clear();
        while (true)
        {
            at.SkipSpace();
            if (at.AtEnd || (_open.Count == 0 && TryEnd(end, endText)))
            {
                return;
            }

            budget.Step();
            budget.Allocate(32);
            ReadToken();
        }
    }

    private bool TryEnd(TokenKind kind, string text)
    {
        var sign = at.Peek();
        var length = sign == '-' || (sign == '+' && kind == TokenKind.BlockEnd) ? 1 : 0;
        if (!at.Looking(text, length))
        {
            return false;
        }

        tokens.Add(new Token(kind, "", at.Line));
        at.MoveTo(at.Position + length + 2);
        if (sign == '-')
        {
            at.SkipSpace();
        }

        return true;
    }

    private void ReadToken()
    {
        var c = at.Peek();
        if (IsNameStart(c))
        {
            var end = at.Position + 1;
            while (end < at.Text.Length && (IsNameStart(at.Text[end]) || IsNamePart(at.Text[end])))
            {
                end++;
            }

            Add(TokenKind.Name, end);
        }
        else if (char.IsAsciiDigit(c))
        {
            ReadNumber();
        }
        else if (c is '\'' or '"')
        {
            ReadString(c);
        }
        else
        {
            ReadOperator(c);
        }
    }

    private static bool IsNameStart(char c) => char.IsAsciiLetter(c) || c == '_' || (c > 127 && char.IsLetter(c));

    private static bool IsNamePart(char c) => char.IsAsciiDigit(c)
        || (c > 127 && char.GetUnicodeCategory(c) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    private void ReadNumber()
    {
        var start = at.Position;
        if (at.Peek() == '0' && RadixDigits(at.Peek(1)) is { Length: > 0 } digits && Digits(start + 2, digits) is var radixEnd && radixEnd > start + 2)
        {
            Add(TokenKind.Integer, radixEnd);
            return;
        }

        var end = Digits(start, "0123456789");
        var whole = end;
        if (start == 0 || at.Text[start - 1] != '.')
        {
            if (end + 1 < at.Text.Length && at.Text[end] == '.' && char.IsAsciiDigit(at.Text[end + 1]))
            {
                end = Digits(end + 1, "0123456789");
            }

            end = AfterExponent(end);
        }

        if (end > whole)
        {
            Add(TokenKind.Float, end);
            return;
        }

        // A number other than zero does not start with zero: what follows is a number of its own.
        Add(TokenKind.Integer, at.Peek() == '0' ? Digits(start, "0") : whole);
    }

    private int AfterExponent(int end)
    {
        if (end >= at.Text.Length || at.Text[end] is not ('e' or 'E'))
        {
            return end;
        }

        var digits = end + 1 < at.Text.Length && at.Text[end + 1] is '+' or '-' ? end + 2 : end + 1;
        return digits < at.Text.Length && char.IsAsciiDigit(at.Text[digits]) ? Digits(digits, "0123456789") : end;
    }

    private static string RadixDigits(char marker) => marker switch
    {
        'x' or 'X' => "0123456789abcdefABCDEF",
        'o' or 'O' => "01234567",
        'b' or 'B' => "01",
        _ => "",
    };

    /// <summary>Digits with single underscores before them.</summary>
    private int Digits(int position, string digits)
    {
        var text = at.Text;
        while (position < text.Length)
        {
            var next = text[position] == '_' ? position + 1 : position;
            if (next >= text.Length || !digits.Contains(text[next]))
            {
                break;
            }

            position = next + 1;
        }

        return position;
    }

    private void ReadString(char quote)
    {
        var start = at.Position + 1;
        var end = start;
        while (end < at.Text.Length && at.Text[end] != quote)
        {
            end += at.Text[end] == '\\' ? 2 : 1;
        }

        if (end >= at.Text.Length)
        {
            throw Unexpected();
        }

        budget.AllocateText(end - start);
        tokens.Add(new Token(TokenKind.String, StringLiteral.Unescape(at.Text[start..end].ToString(), at), at.Line));
        at.MoveTo(end + 1);
    }

    private void ReadOperator(char c)
    {
        if ((c is '*' or '/' && at.Peek(1) == c) || (c is '=' or '!' or '<' or '>' && at.Peek(1) == '='))
        {
            Add(TokenKind.Operator, at.Position + 2);
            return;
        }

        if (!SingleOperators.Contains(c))
        {
            throw Unexpected();
        }

        switch (c)
        {
            case '(' or '[' or '{':
                _open.Push(c switch { '(' => ')', '[' => ']', _ => '}' });
                break;
            case ')' or ']' or '}' when !_open.TryPop(out var expected) || expected != c:
                throw at.Error(expected == '\0' ? $"unexpected '{c}'" : $"unexpected '{c}', expected '{expected}'");
        }

        Add(TokenKind.Operator, at.Position + 1);
    }

    private TemplateException Unexpected()
    {
        var character = at.Text.Slice(at.Position, char.IsSurrogatePair(at.Peek(), at.Peek(1)) ? 2 : 1).ToString();
        var place = CodePoints.Count(at.Text[..at.Position]);
        return at.Error($"unexpected char {PythonRepr.Of(character, budget)} at {place}");
    }

    private void Add(TokenKind kind, int end)
    {
        tokens.Add(new Token(kind, Pooled(at.Text[at.Position..end]), at.Line));
        at.MoveTo(end);
    }

    /// <summary>Names and operators repeat: each is made once per template.</summary>
    private string Pooled(ReadOnlySpan<char> text)
    {
        var lookup = _pool.GetAlternateLookup<ReadOnlySpan<char>>();
        if (lookup.TryGetValue(text, out var known))
        {
            return known;
        }

        lookup.Add(text);
        return lookup.TryGetValue(text, out known) ? known : text.ToString();
    }
}
