using System.Globalization;

namespace Osmo.Workflows.Yaml;

/// <summary>Plain and quoted scalars. A line break inside becomes a space, an empty line a line break.</summary>
internal sealed partial class YamlScanner
{
    private YamlToken ScanPlain()
    {
        var start = _at.Position;
        var line = TakePlainLine();
        var between = TakePlainFold();
        if (!PlainGoesOn(between))
        {
            return new YamlToken(YamlTokenKind.PlainScalar, start, line.ToString());
        }

        var text = _text.Clear().Append(line);
        do
        {
            line = TakePlainLine();
            if (line.IsEmpty)
            {
                break;
            }

            _mayStartKey = false;
            text.Append(between).Append(line);
            between = TakePlainFold();
        }
        while (PlainGoesOn(between));

        return new YamlToken(YamlTokenKind.PlainScalar, start, text.ToString());
    }

    private bool PlainGoesOn(string between) => between.Length > 0 && (InFlow || _at.Column > _indent) && _at.Current != '#';

    /// <summary>The words up to the end of the line or of the scalar. The blanks after them are skipped.</summary>
    private ReadOnlySpan<char> TakePlainLine()
    {
        var inFlow = InFlow;
        var rest = _at.Rest;
        var (end, next) = (0, 0);
        while (WordLength(rest[next..], inFlow) is var length and > 0)
        {
            end = next + length;
            next = end;
            while (next < rest.Length && rest[next] == ' ')
            {
                next++;
            }

            if (next == end || (next < rest.Length && rest[next] == '#'))
            {
                break;
            }
        }

        var taken = _at.Take(end);
        _at.Skip(next - end);
        return taken;
    }

    private static int WordLength(ReadOnlySpan<char> text, bool inFlow)
    {
        for (var length = 0; length < text.Length; length++)
        {
            var c = text[length];
            if (YamlCursor.IsBlankOrEnd(c) || (inFlow && c is ',' or '?' or '[' or ']' or '{' or '}'))
            {
                return length;
            }

            var next = length + 1 < text.Length ? text[length + 1] : YamlCursor.End;
            if (c == ':' && (YamlCursor.IsBlankOrEnd(next) || (inFlow && next is ',' or '[' or ']' or '{' or '}')))
            {
                return length;
            }
        }

        return text.Length;
    }

    /// <summary>Line breaks and indentation after a line of a plain scalar, folded; empty when the scalar ends here.</summary>
    private string TakePlainFold()
    {
        var first = _at.TakeBreak();
        if (first.Length == 0)
        {
            return "";
        }

        _mayStartKey = true;
        _breaks.Clear();
        while (!(_at.Column == 0 && _at.IsAtDocumentMark))
        {
            _at.SkipSpaces();
            if (!YamlCursor.IsBreak(_at.Current))
            {
                return Folded(first);
            }

            _breaks.Append(_at.TakeBreak());
        }

        return "";
    }

    private string Folded(string first) => _breaks.Length == 0 ? (first == "\n" ? " " : first) : (first == "\n" ? "" : first) + _breaks;

    private YamlToken ScanQuoted()
    {
        var start = _at.Position;
        var quote = _at.Current;
        var text = _text.Clear();
        _at.Skip();
        while (true)
        {
            var run = _at.Take(RunLength(_at.Rest, quote));
            var c = _at.Current;
            if (c == quote && !(c == '\'' && _at.Peek(1) == c))
            {
                _at.Skip();
                return new YamlToken(YamlTokenKind.QuotedScalar, start, text.Length == 0 ? run.ToString() : text.Append(run).ToString());
            }

            if (c == quote)
            {
                text.Append(run).Append(c);
                _at.Skip(2);
            }
            else if (c == '\\')
            {
                text.Append(run);
                _at.Skip();
                TakeEscape(start);
            }
            else if (c == YamlCursor.End)
            {
                throw new YamlSyntaxException("The text ends inside this quoted value.", start);
            }
            else
            {
                text.Append(run.TrimEnd(" \t"));
                var first = _at.TakeBreak();
                TakeQuotedBreaks(start);
                text.Append(Folded(first));
            }
        }
    }

    /// <summary>How much of a quoted value stands for itself, on this line.</summary>
    private static int RunLength(ReadOnlySpan<char> text, char quote)
    {
        for (var length = 0; length < text.Length; length++)
        {
            var c = text[length];
            if (c == quote || (c == '\\' && quote == '"') || YamlCursor.IsBreak(c))
            {
                return length;
            }
        }

        return text.Length;
    }

    /// <summary>Takes line breaks inside a quoted value, and the blanks around them, into <see cref="_breaks"/>.</summary>
    private void TakeQuotedBreaks(YamlPosition start)
    {
        _breaks.Clear();
        while (true)
        {
            if (_at.IsAtDocumentMark)
            {
                throw new YamlSyntaxException("The document ends inside this quoted value.", start);
            }

            while (_at.Current is ' ' or '\t')
            {
                _at.Skip();
            }

            if (!YamlCursor.IsBreak(_at.Current))
            {
                return;
            }

            _breaks.Append(_at.TakeBreak());
        }
    }

    /// <summary>Takes what follows a backslash into <see cref="_text"/>.</summary>
    private void TakeEscape(YamlPosition start)
    {
        var c = _at.Current;
        if (YamlCursor.IsBreak(c))
        {
            _at.TakeBreak();
            TakeQuotedBreaks(start);
            _text.Append(_breaks);
            return;
        }

        var digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0)
        {
            _text.Append(c switch
            {
                '0' => '\0', 'a' => '\a', 'b' => '\b', 't' or '\t' => '\t', 'n' => '\n', 'v' => '\v', 'f' => '\f', 'r' => '\r', 'e' => '\e',
                ' ' or '"' or '\\' or '/' => c, 'N' => '\u0085', '_' => '\u00a0', 'L' => '\u2028', 'P' => '\u2029',
                _ => throw Fault($"There is no escape '\\{c}'; write '\\\\' for a backslash, or use single quotes."),
            });
            _at.Skip();
            return;
        }

        _at.Skip();
        _text.Append(TakeCodePoint(digits));
    }

    private string TakeCodePoint(int digits)
    {
        var code = 0u;
        for (var i = 0; i < digits; i++)
        {
            var digit = _at.Peek(i);
            code = char.IsAsciiHexDigit(digit)
                ? (code << 4) + uint.Parse([digit], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : throw Fault($"This escape has {digits} hexadecimal digits.");
        }

        if (code > 0x10ffff)
        {
            throw Fault("There is no such character.");
        }

        _at.Skip(digits);
        // Halves of a surrogate pair may be written one after the other.
        return code is >= 0xd800 and <= 0xdfff ? ((char)code).ToString() : char.ConvertFromUtf32((int)code);
    }
}
