using System.Text;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>Cuts a template into tokens: text, tags, and what stands inside tags. Handles whitespace control, comments and raw blocks.</summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;

    public Lexer(string source)
    {
        source = source.Contains('\r') ? source.ReplaceLineEndings("\n") : source;
        _source = source.EndsWith('\n') ? source[..^1] : source;
    }

    public List<Token> Tokens()
    {
        while (_position < _source.Length)
        {
            var tag = NextTag();
            if (tag < 0)
            {
                AddData(_source[_position..]);
                break;
            }

            var text = _source[_position..tag];
            var strips = tag + 2 < _source.Length && _source[tag + 2] == '-';
            var start = _position;
            AddData(strips ? text.TrimEnd() : text, text);
            _position = start + text.Length;
            ReadTag(_source[tag + 1]);
        }

        _tokens.Add(new Token(TokenKind.End, "", _line));
        return _tokens;
    }

    private int NextTag()
    {
        for (var at = _source.IndexOf('{', _position); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    private void AddData(string text, string? consumed = null)
    {
        if (text.Length > 0)
        {
            _tokens.Add(new Token(TokenKind.Data, text, _line));
        }

        CountLines(consumed ?? text);
    }

    private void ReadTag(char kind)
    {
        switch (kind)
        {
            case '#':
                ReadComment();
                break;
            case '%' when IsRaw(out var contentStart, out var stripAfter):
                ReadRaw(contentStart, stripAfter);
                break;
            case '%':
                ReadInside(TokenKind.BlockBegin, TokenKind.BlockEnd, "%}");
                break;
            default:
                ReadInside(TokenKind.VariableBegin, TokenKind.VariableEnd, "}}");
                break;
        }
    }

    private void ReadComment()
    {
        var end = _source.IndexOf("#}", _position + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error("Missing end of comment tag");
        }

        var strips = _source[end - 1] == '-' && end - 1 > _position + 1;
        Consume(end + 2);
        if (strips)
        {
            SkipWhitespace();
        }
    }

    private bool IsRaw(out int contentStart, out bool stripAfter)
    {
        contentStart = 0;
        return IsTag(_position, "raw", out contentStart, out _, out stripAfter);
    }

    /// <summary>Whether a bare tag of this name starts at <paramref name="at"/>.</summary>
    private bool IsTag(int at, string name, out int after, out bool stripBefore, out bool stripAfter)
    {
        after = at + 2;
        stripAfter = false;
        stripBefore = after < _source.Length && _source[after] == '-';
        if (after < _source.Length && _source[after] is '-' or '+')
        {
            after++;
        }

        while (after < _source.Length && char.IsWhiteSpace(_source[after]))
        {
            after++;
        }

        if (!_source.AsSpan(after).StartsWith(name, StringComparison.Ordinal))
        {
            return false;
        }

        after += name.Length;
        while (after < _source.Length && char.IsWhiteSpace(_source[after]))
        {
            after++;
        }

        if (after < _source.Length && _source[after] is '-' or '+')
        {
            stripAfter = _source[after] == '-';
            after++;
        }

        if (!_source.AsSpan(after).StartsWith("%}", StringComparison.Ordinal))
        {
            return false;
        }

        after += 2;
        return true;
    }

    private void ReadRaw(int contentStart, bool stripAfterRaw)
    {
        for (var end = contentStart; (end = _source.IndexOf("{%", end, StringComparison.Ordinal)) >= 0; end += 2)
        {
            if (!IsTag(end, "endraw", out var after, out var stripBefore, out var stripAfter))
            {
                continue;
            }

            Consume(contentStart);
            var content = _source[contentStart..end];
            var shown = stripAfterRaw ? content.TrimStart() : content;
            AddData(stripBefore ? shown.TrimEnd() : shown, content);
            _position = end;
            Consume(after);
            if (stripAfter)
            {
                SkipWhitespace();
            }

            return;
        }

        throw Error("Missing end of raw directive");
    }

    private void ReadInside(TokenKind begin, TokenKind end, string endText)
    {
        _tokens.Add(new Token(begin, _source.Substring(_position, 2), _line));
        _position += 2;
        if (_position < _source.Length && _source[_position] is '-' or '+')
        {
            _position++;
        }

        var open = new Stack<char>();
        while (true)
        {
            SkipWhitespace();
            if (_position >= _source.Length)
            {
                throw Error($"unexpected end of template, expected '{endText}'.");
            }

            if (open.Count == 0 && TryEnd(end, endText))
            {
                return;
            }

            ReadToken(open);
        }
    }

    private bool TryEnd(TokenKind kind, string text)
    {
        var at = _source[_position] is '-' or '+' ? _position + 1 : _position;
        if (!_source.AsSpan(at).StartsWith(text, StringComparison.Ordinal) || (at > _position && _source[_position] == '+' && kind == TokenKind.VariableEnd))
        {
            return false;
        }

        var strips = _source[_position] == '-';
        _tokens.Add(new Token(kind, text, _line));
        _position = at + 2;
        if (strips)
        {
            SkipWhitespace();
        }

        return true;
    }

    private void ReadToken(Stack<char> open)
    {
        var c = _source[_position];
        if (char.IsLetter(c) || c == '_')
        {
            var end = _position + 1;
            while (end < _source.Length && (char.IsLetterOrDigit(_source[end]) || _source[end] == '_'))
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
            ReadOperator(c, open);
        }
    }

    private void ReadNumber()
    {
        var end = _position;
        if (_source[end] == '0' && end + 1 < _source.Length && char.ToLowerInvariant(_source[end + 1]) is 'x' or 'o' or 'b')
        {
            end += 2;
            while (end < _source.Length && (char.IsAsciiHexDigit(_source[end]) || _source[end] == '_'))
            {
                end++;
            }

            Add(TokenKind.Integer, end);
            return;
        }

        var kind = TokenKind.Integer;
        end = Digits(end);
        if (end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]))
        {
            kind = TokenKind.Float;
            end = Digits(end + 1);
        }

        if (end < _source.Length && _source[end] is 'e' or 'E')
        {
            var exponent = end + 1 < _source.Length && _source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (exponent < _source.Length && char.IsAsciiDigit(_source[exponent]))
            {
                kind = TokenKind.Float;
                end = Digits(exponent);
            }
        }

        Add(kind, end);
    }

    private int Digits(int at)
    {
        while (at < _source.Length && (char.IsAsciiDigit(_source[at]) || (_source[at] == '_' && at + 1 < _source.Length && char.IsAsciiDigit(_source[at + 1]))))
        {
            at++;
        }

        return at;
    }

    private void ReadString(char quote)
    {
        var end = _position + 1;
        while (end < _source.Length && _source[end] != quote)
        {
            end += _source[end] == '\\' ? 2 : 1;
        }

        if (end >= _source.Length)
        {
            throw Error($"unexpected char '{quote}' at {_position}");
        }

        var raw = _source[(_position + 1)..end];
        _tokens.Add(new Token(TokenKind.String, raw.Contains('\\') ? Unescape(raw) : raw, _line));
        Consume(end + 1);
    }

    private void ReadOperator(char c, Stack<char> open)
    {
        var two = _position + 1 < _source.Length ? _source.Substring(_position, 2) : "";
        if (two is "**" or "//" or "==" or "!=" or "<=" or ">=")
        {
            Add(TokenKind.Operator, _position + 2);
            return;
        }

        if (!"+-/*%~[](){}<>=.:|,;".Contains(c))
        {
            throw Error($"unexpected char '{c}' at {_position}");
        }

        if (c is '(' or '[' or '{')
        {
            open.Push(c switch { '(' => ')', '[' => ']', _ => '}' });
        }
        else if (c is ')' or ']' or '}')
        {
            if (!open.TryPop(out var expected))
            {
                throw Error($"unexpected '{c}'");
            }

            if (expected != c)
            {
                throw Error($"unexpected '{c}', expected '{expected}'");
            }
        }

        Add(TokenKind.Operator, _position + 1);
    }

    private void Add(TokenKind kind, int end)
    {
        _tokens.Add(new Token(kind, _source[_position..end], _line));
        _position = end;
    }

    private void SkipWhitespace()
    {
        var end = _position;
        while (end < _source.Length && char.IsWhiteSpace(_source[end]))
        {
            end++;
        }

        Consume(end);
    }

    private void Consume(int end)
    {
        CountLines(_source.AsSpan(_position, end - _position));
        _position = end;
    }

    private void CountLines(ReadOnlySpan<char> text) => _line += text.Count('\n');

    private static string Unescape(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || i + 1 == raw.Length)
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            var hex = raw[i] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (hex > 0 && i + hex < raw.Length && int.TryParse(raw.AsSpan(i + 1, hex), System.Globalization.NumberStyles.HexNumber, null, out var code)
                && Rune.IsValid(code))
            {
                text.Append(new Rune(code).ToString());
                i += hex;
                continue;
            }

            text.Append(raw[i] switch
            {
                'n' => "\n",
                't' => "\t",
                'r' => "\r",
                'b' => "\b",
                'f' => "\f",
                'v' => "\v",
                'a' => "\a",
                '0' => "\0",
                '\n' => "",
                '\\' => "\\",
                '\'' => "'",
                '"' => "\"",
                var other => $"\\{other}",
            });
        }

        return text.ToString();
    }

    private TemplateException Error(string message) => new(TemplateFault.Syntax, message, _line);
}
