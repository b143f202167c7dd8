namespace Osmo.Workflows.Yaml;

/// <summary>
/// Cuts a text into the tokens of YAML 1.1. That a scalar was a key is only known at the ':' after it, so tokens that may turn out to
/// be keys are held back, at most to the end of their line.
/// </summary>
internal sealed partial class YamlScanner
{
    private const int LongestKey = 1024;

    private const string Indicators = "-?:,[]{}#&*!|>'\"%@`";

    private readonly YamlCursor _at;
    private readonly List<YamlToken> _tokens = [];
    private readonly Stack<int> _indents = [];

    /// <summary>What may turn out to be a key, one for each depth of brackets.</summary>
    private readonly List<PossibleKey?> _possibleKeys = [null];

    private int _head;
    private int _taken;
    private int _indent = -1;
    private bool _mayStartKey = true;
    private bool _ended;

    public YamlScanner(YamlCursor at) => _at = at;

    private int FlowDepth => _possibleKeys.Count - 1;

    private bool InFlow => FlowDepth > 0;

    public YamlToken Peek()
    {
        while (!_ended && NeedsMore())
        {
            ScanNext();
        }

        return _tokens[_head];
    }

    public YamlToken Next()
    {
        var token = Peek();
        if (token.Kind != YamlTokenKind.End)
        {
            _head++;
            _taken++;
        }

        if (_head == _tokens.Count)
        {
            _tokens.Clear();
            _head = 0;
        }

        return token;
    }

    private bool NeedsMore()
    {
        if (_head == _tokens.Count)
        {
            return true;
        }

        DropStaleKeys();
        return _possibleKeys.Exists(key => key is { } possible && possible.TokenNumber == _taken);
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
            _at.SkipWhile(' ');
            if (_at.Current == '#')
            {
                SkipLine();
            }

            if (_at.TakeBreak().Length == 0)
            {
                return;
            }

            _mayStartKey |= !InFlow;
        }
    }

    private void SkipLine()
    {
        while (!YamlCursor.IsBreakOrEnd(_at.Current))
        {
            _at.Skip();
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

    private void ScanValue()
    {
        if (_possibleKeys[FlowDepth] is { } key)
        {
            _possibleKeys[FlowDepth] = null;
            var place = key.TokenNumber - _taken + _head;
            _tokens.Insert(place, new YamlToken(YamlTokenKind.Key, key.Position));
            if (!InFlow && Indent(key.Position.Column - 1))
            {
                _tokens.Insert(place, new YamlToken(YamlTokenKind.BlockMappingStart, key.Position));
            }

            _mayStartKey = false;
        }
        else
        {
            StartBlockCollection(YamlTokenKind.BlockMappingStart, "A value (':') cannot stand here; quote text that holds ': '.");
            _mayStartKey = !InFlow;
            RemovePossibleKey();
        }

        AddCharacter(YamlTokenKind.Value);
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

    private void SavePossibleKey()
    {
        if (_mayStartKey)
        {
            RemovePossibleKey();
            _possibleKeys[FlowDepth] = new PossibleKey(
                _taken + _tokens.Count - _head, IsRequired: !InFlow && _indent == _at.Column, _at.Index, _at.Position);
        }
    }

    private void RemovePossibleKey()
    {
        if (_possibleKeys[FlowDepth] is { IsRequired: true } key)
        {
            throw MissingColon(key);
        }

        _possibleKeys[FlowDepth] = null;
    }

    /// <summary>A key stands on one line and is not long.</summary>
    private void DropStaleKeys()
    {
        for (var i = 0; i < _possibleKeys.Count; i++)
        {
            if (_possibleKeys[i] is { } key && (key.Position.Line != _at.Line || _at.Index - key.Index > LongestKey))
            {
                _possibleKeys[i] = key.IsRequired ? throw MissingColon(key) : null;
            }
        }
    }

    private void AddCharacter(YamlTokenKind kind)
    {
        Add(new YamlToken(kind, _at.Position));
        _at.Skip();
    }

    private void Add(YamlToken token) => _tokens.Add(token);

    private YamlSyntaxException Fault(string message) => new(message, _at.Position);

    private static YamlSyntaxException MissingColon(PossibleKey key) =>
        new("This stands where a key is expected, but no ':' follows it.", key.Position);

    private readonly record struct PossibleKey(int TokenNumber, bool IsRequired, int Index, YamlPosition Position);
}
