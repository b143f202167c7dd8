using System.Globalization;
using System.Text;

namespace Osmo.Workflows.Yaml;

/// <summary>Plain and quoted scalars. A line break inside becomes a space, an empty line a line break.</summary>
internal sealed partial class YamlScanner
{
    private YamlToken ScanPlain()
    {
        var start = _at.Position;
        var text = new StringBuilder();
        var between = "";
        while (_at.Current != '#')
        {
            var length = PlainLength();
            if (length == 0)
            {
                break;
            }

            _mayStartKey = false;
            text.Append(between).Append(_at.Take(length));
            between = TakePlainSpaces();
            if (between.Length == 0 || (!InFlow && _at.Column < _indent + 1))
            {
                break;
            }
        }

        return new YamlToken(YamlTokenKind.PlainScalar, start, text.ToString());
    }

    private int PlainLength()
    {
        for (var length = 0; ; length++)
        {
            var c = _at.Peek(length);
            if (YamlCursor.IsBlankOrEnd(c) || (InFlow && c is ',' or '?' or '[' or ']' or '{' or '}'))
            {
                return length;
            }

            var next = _at.Peek(length + 1);
            if (c == ':' && (YamlCursor.IsBlankOrEnd(next) || (InFlow && next is ',' or '[' or ']' or '{' or '}')))
            {
                return length;
            }
        }
    }

    /// <summary>The blanks between two words of a plain scalar, folded; empty when the scalar ends here.</summary>
    private string TakePlainSpaces()
    {
        var spaces = 0;
        while (_at.Peek(spaces) == ' ')
        {
            spaces++;
        }

        var blanks = _at.Take(spaces);
        if (!YamlCursor.IsBreak(_at.Current))
        {
            return blanks;
        }

        var first = _at.TakeBreak();
        _mayStartKey = true;
        var more = new StringBuilder();
        while (!(_at.Column == 0 && _at.IsAtDocumentMark))
        {
            if (_at.Current == ' ')
            {
                _at.Skip();
            }
            else if (YamlCursor.IsBreak(_at.Current))
            {
                more.Append(_at.TakeBreak());
            }
            else
            {
                return Folded(first, more);
            }
        }

        return "";
    }

    private static string Folded(string first, StringBuilder more) => (first != "\n" ? first : more.Length == 0 ? " " : "") + more;

    private YamlToken ScanQuoted()
    {
        var start = _at.Position;
        var quote = _at.Current;
        var text = new StringBuilder();
        _at.Skip();
        while (true)
        {
            TakeQuotedWord(text, quote, start);
            if (_at.Current == quote)
            {
                break;
            }

            TakeQuotedSpaces(text, start);
        }

        _at.Skip();
        return new YamlToken(YamlTokenKind.QuotedScalar, start, text.ToString());
    }

    private void TakeQuotedWord(StringBuilder text, char quote, YamlPosition start)
    {
        while (true)
        {
            var c = _at.Current;
            if (c == '\'' && quote == '\'' && _at.Peek(1) == '\'')
            {
                text.Append('\'');
                _at.Skip(2);
            }
            else if (c == quote || YamlCursor.IsBlankOrEnd(c))
            {
                return;
            }
            else if (c == '\\' && quote == '"')
            {
                _at.Skip();
                TakeEscape(text, start);
            }
            else
            {
                text.Append(c);
                _at.Skip();
            }
        }
    }

    private void TakeQuotedSpaces(StringBuilder text, YamlPosition start)
    {
        var length = 0;
        while (_at.Peek(length) is ' ' or '\t')
        {
            length++;
        }

        var blanks = _at.Take(length);
        if (_at.Current == YamlCursor.End)
        {
            throw new YamlSyntaxException("The text ends inside this quoted value.", start);
        }

        if (!YamlCursor.IsBreak(_at.Current))
        {
            text.Append(blanks);
            return;
        }

        var first = _at.TakeBreak();
        text.Append(Folded(first, TakeQuotedBreaks(start)));
    }

    private StringBuilder TakeQuotedBreaks(YamlPosition start)
    {
        var breaks = new StringBuilder();
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
                return breaks;
            }

            breaks.Append(_at.TakeBreak());
        }
    }

    private void TakeEscape(StringBuilder text, YamlPosition start)
    {
        var c = _at.Current;
        if (YamlCursor.IsBreak(c))
        {
            _at.TakeBreak();
            text.Append(TakeQuotedBreaks(start));
            return;
        }

        var digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 0)
        {
            text.Append(c switch
            {
                '0' => '\0', 'a' => '\a', 'b' => '\b', 't' or '\t' => '\t', 'n' => '\n', 'v' => '\v', 'f' => '\f', 'r' => '\r', 'e' => '\e',
                ' ' or '"' or '\\' or '/' => c, 'N' => '\u0085', '_' => '\u00a0', 'L' => '\u2028', 'P' => '\u2029',
                _ => throw Fault($"There is no escape '\\{c}'; write '\\\\' for a backslash, or use single quotes."),
            });
            _at.Skip();
            return;
        }

        _at.Skip();
        text.Append(TakeCodePoint(digits));
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
