using System.Runtime.InteropServices;
using System.Text;

namespace Osmo.Workflows.Yaml;

/// <summary>
/// Cuts a text into the tokens of YAML 1.1. That a scalar was a key is only known at the ':' after it, so tokens that may turn out to
/// be keys are held back, at most to the end of their line.
/// </summary>
internal sealed partial class YamlScanner
{
    private const string Indicators = "-?:,[]{}#&*!|>'\"%@`";

    private readonly YamlCursor _at;
    private readonly List<YamlToken> _tokens = [];
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _breaks = new();
    private readonly Stack<int> _indents = [];

    private int _head;
    private int _taken;
    private int _indent = -1;
    private bool _mayStartKey = true;
    private bool _isNextKnown;
    private bool _ended;

    public YamlScanner(YamlCursor at) => _at = at;

    private int FlowDepth => _possibleKeys.Count - 1;

    private bool InFlow => FlowDepth > 0;

    /// <summary>The next token, valid until it is taken.</summary>
    public ref readonly YamlToken Peek()
    {
        if (!_isNextKnown)
        {
            ScanAhead();
        }

        return ref CollectionsMarshal.AsSpan(_tokens)[_head];
    }

    public YamlToken Next()
    {
        var token = Peek();
        if (token.Kind != YamlTokenKind.End)
        {
            _head++;
            _taken++;
            _isNextKnown = false;
        }

        if (_head == _tokens.Count)
        {
            _tokens.Clear();
            _head = 0;
        }

        return token;
    }

    private void ScanAhead()
    {
        while (!_ended && NeedsMore())
        {
            ScanNext();
        }

        _isNextKnown = true;
    }

    private void ScanNext()
    {
        SkipToToken();
        DropStaleKeys();
        Unindent(_at.Column);
        var c = _at.Current;
        var next = _at.Peek(1);
        if (c == YamlCursor.End)
        {
            ScanEnd();
        }
        else if (_at.Column == 0 && c == '%')
        {
            throw Fault("Directives ('%' at the start of a line) are not supported.");
        }
        else if (_at.Column == 0 && _at.IsAtDocumentMark)
        {
            ScanDocumentMark(c);
        }
        else if (!ScanBracket(c) && !ScanIndicator(c, next) && !ScanNode(c))
        {
            if (!MayStartPlain(c, next))
            {
                throw Fault(c == '\t'
                    ? "Found a tab that cannot start any token; use spaces."
                    : $"Found the character '{c}' that cannot start any token; quote the text.");
            }

            SavePossibleKey();
            _mayStartKey = false;
            Add(ScanPlain());
        }
    }

    private bool MayStartPlain(char c, char next) =>
        !(YamlCursor.IsBlankOrEnd(c) || Indicators.Contains(c)) || (!YamlCursor.IsBlankOrEnd(next) && (c == '-' || (!InFlow && c is '?' or ':')));

    private void SkipToToken()
    {
        while (true)
        {
            _at.SkipSpaces();
            if (_at.Current == '#')
            {
                _at.TakeLine();
            }

            if (_at.TakeBreak().Length == 0)
            {
                return;
            }

            _mayStartKey |= !InFlow;
        }
    }

    private void ScanEnd()
    {
        Unindent(-1);
        RemovePossibleKey();
        _mayStartKey = false;
        Add(new YamlToken(YamlTokenKind.End, _at.Position));
        _ended = true;
    }

    private void ScanDocumentMark(char c)
    {
        Unindent(-1);
        RemovePossibleKey();
        _mayStartKey = false;
        Add(new YamlToken(c == '-' ? YamlTokenKind.DocumentStart : YamlTokenKind.DocumentEnd, _at.Position));
        _at.Skip(3);
    }

    private bool ScanBracket(char c)
    {
        switch (c)
        {
            case '[' or '{':
                SavePossibleKey();
                if (FlowDepth == YamlReader.MaxDepth)
                {
                    throw Fault($"Brackets are nested more than {YamlReader.MaxDepth} deep.");
                }

                _possibleKeys.Add(null);
                _mayStartKey = true;
                AddCharacter(c == '[' ? YamlTokenKind.FlowSequenceStart : YamlTokenKind.FlowMappingStart);
                return true;
            case ']' or '}':
                RemovePossibleKey();
                if (InFlow)
                {
                    _possibleKeys.RemoveAt(FlowDepth);
                }

                _mayStartKey = false;
                AddCharacter(c == ']' ? YamlTokenKind.FlowSequenceEnd : YamlTokenKind.FlowMappingEnd);
                return true;
            case ',':
                _mayStartKey = true;
                RemovePossibleKey();
                AddCharacter(YamlTokenKind.FlowEntry);
                return true;
            default:
                return false;
        }
    }

    private bool ScanIndicator(char c, char next)
    {
        var isolated = YamlCursor.IsBlankOrEnd(next);
        switch (c)
        {
            case '-' when isolated:
                StartBlockCollection(YamlTokenKind.BlockSequenceStart, "A list item ('-') cannot stand here.");
                _mayStartKey = true;
                RemovePossibleKey();
                AddCharacter(YamlTokenKind.BlockEntry);
                return true;
            case '?' when isolated || InFlow:
                StartBlockCollection(YamlTokenKind.BlockMappingStart, "A key cannot stand here.");
                _mayStartKey = !InFlow;
                RemovePossibleKey();
                AddCharacter(YamlTokenKind.Key);
                return true;
            case ':' when isolated || InFlow:
                ScanValue();
                return true;
            default:
                return false;
        }
    }

    private void StartBlockCollection(YamlTokenKind kind, string fault)
    {
        if (InFlow)
        {
            return;
        }

        if (!_mayStartKey)
        {
            throw Fault(fault);
        }

        if (Indent(_at.Column))
        {
            Add(new YamlToken(kind, _at.Position));
        }
    }

    /// <summary>Aliases, anchors, tags, quoted and block scalars.</summary>
    private bool ScanNode(char c)
    {
        if (c is '|' or '>' && !InFlow)
        {
            _mayStartKey = true;
            RemovePossibleKey();
            Add(ScanBlockScalar());
            return true;
        }

        if (c is not ('*' or '&' or '!' or '\'' or '"'))
        {
            return false;
        }

        SavePossibleKey();
        _mayStartKey = false;
        Add(c switch
        {
            '*' => ScanName(YamlTokenKind.Alias),
            '&' => ScanName(YamlTokenKind.Anchor),
            '!' => ScanTag(),
            _ => ScanQuoted(),
        });
        return true;
    }

    private bool Indent(int column)
    {
        if (_indent >= column)
        {
            return false;
        }

        _indents.Push(_indent);
        _indent = column;
        return true;
    }

    private void Unindent(int column)
    {
        while (!InFlow && _indent > column)
        {
            _indent = _indents.Pop();
            Add(new YamlToken(YamlTokenKind.BlockEnd, _at.Position));
        }
    }

    private void AddCharacter(YamlTokenKind kind)
    {
        Add(new YamlToken(kind, _at.Position));
        _at.Skip();
    }

    private void Add(YamlToken token) => _tokens.Add(token);

    private YamlSyntaxException Fault(string message) => new(message, _at.Position);
}
