using Osmo.Workflows.Templates.Evaluation;
using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>Cuts a template into tokens: text, tags, and what stands inside tags. Handles whitespace control, comments and raw blocks.</summary>
internal sealed class Lexer
{
    private readonly Cursor _at;
    private readonly TagLexer _tags;
    private readonly List<Token> _tokens;

    public Lexer(string source, Budget budget)
    {
        budget.AllocateText(source.Length);
        var text = source.Contains('\r') ? source.Replace("\r\n", "\n").Replace('\r', '\n') : source;
        _at = new Cursor(text.AsMemory(0, text.EndsWith('\n') ? text.Length - 1 : text.Length));
        _tokens = new List<Token>(Math.Min(text.Length / 16, 1024));
        _tags = new TagLexer(_at, _tokens, budget);
    }

    public List<Token> Tokens()
    {
        try
        {
            Read();
            _tokens.Add(new Token(TokenKind.End, "", _tokens.Count > 0 ? _tokens[^1].Line : 1));
        }
        catch (TemplateException e) when (e.Fault == TemplateFault.Syntax)
        {
            _tokens.Add(new Token(TokenKind.Fault, e.Message, e.Line));
        }

        return _tokens;
    }

    private void Read()
    {
        while (!_at.AtEnd)
        {
            var tag = NextTag();
            if (tag < 0)
            {
                AddText(_at.Text.Length, stripEnd: false);
                break;
            }

            AddText(tag, stripEnd: tag + 2 < _at.Text.Length && _at.Text[tag + 2] == '-');
            ReadTag();
        }
    }

    private int NextTag()
    {
        for (var at = _at.IndexOf("{", _at.Position); at >= 0 && at + 1 < _at.Text.Length; at = _at.IndexOf("{", at + 1))
        {
            if (_at.Text[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    private void AddText(int end, bool stripEnd)
    {
        var text = _at.Text[_at.Position..end];
        text = stripEnd ? CodePoints.TrimEnd(text) : text;
        if (text.Length > 0)
        {
            _tokens.Add(new Token(TokenKind.Data, text.ToString(), _at.Line));
        }

        _at.MoveTo(end);
    }

    private void ReadTag()
    {
        switch (_at.Peek(1))
        {
            case '#':
                ReadComment();
                break;
            case '%' when IsBareTag(_at.Position, "raw", out var start, out var sign) && sign != '+':
                ReadRaw(start, stripStart: sign == '-');
                break;
            case '%':
                _tags.Read(TokenKind.BlockBegin, TokenKind.BlockEnd, "%}");
                break;
            default:
                _tags.Read(TokenKind.VariableBegin, TokenKind.VariableEnd, "}}");
                break;
        }
    }

    private void ReadComment()
    {
        var start = _at.Position + (_at.Peek(2) is '-' or '+' ? 3 : 2);
        var end = _at.IndexOf("#}", Math.Min(start, _at.Text.Length));
        if (end < 0)
        {
            throw _at.Error("Missing end of comment tag");
        }

        _at.MoveTo(end + 2);
        if (end > start && _at.Text[end - 1] == '-')
        {
            _at.SkipSpace();
        }
    }

    /// <summary>Whether a tag of only this name starts here.</summary>
    /// <param name="sign">Whitespace control before the end of the tag, or a blank.</param>
    private bool IsBareTag(int at, string name, out int after, out char sign)
    {
        var text = _at.Text;
        sign = ' ';
        after = at + 2;
        after = _at.AfterSpace(after < text.Length && text[after] is '-' or '+' ? after + 1 : after);
        if (!text[after..].StartsWith(name, StringComparison.Ordinal))
        {
            return false;
        }

        after = _at.AfterSpace(after + name.Length);
        if (after < text.Length && text[after] is '-' or '+')
        {
            sign = text[after++];
        }

        if (!text[after..].StartsWith("%}", StringComparison.Ordinal))
        {
            return false;
        }

        after += 2;
        return true;
    }

    private void ReadRaw(int start, bool stripStart)
    {
        _at.MoveTo(stripStart ? _at.AfterSpace(start) : start);
        for (var end = _at.Position; (end = _at.IndexOf("{%", end)) >= 0; end += 2)
        {
            if (IsBareTag(end, "endraw", out var after, out var sign))
            {
                AddText(end, stripEnd: _at.Text[end + 2] == '-');
                _at.MoveTo(sign == '-' ? _at.AfterSpace(after) : after);
                return;
            }
        }

        throw _at.Error("Missing end of raw directive");
    }
}
