namespace Osmo.Workflows.Yaml;

/// <summary>Literal ('|') and folded ('>') block scalars.</summary>
internal sealed partial class YamlScanner
{
    private YamlToken ScanBlockScalar()
    {
        var start = _at.Position;
        var folded = _at.Current == '>';
        _at.Skip();
        var (keep, strip, increment) = TakeBlockHeader();
        var smallest = Math.Max(_indent + 1, 1);
        int indent;
        if (increment == 0)
        {
            indent = Math.Max(smallest, TakeLeadingBreaks());
        }
        else
        {
            indent = smallest + increment - 1;
            TakeIndentedBreaks(indent);
        }

        var text = _text.Clear();
        var lineBreak = "";
        while (_at.Column == indent && _at.Current != YamlCursor.End)
        {
            var startsWithText = _at.Current is not (' ' or '\t');
            text.Append(_breaks).Append(_at.TakeLine());
            lineBreak = _at.TakeBreak();
            TakeIndentedBreaks(indent);
            if (_at.Column != indent || _at.Current == YamlCursor.End)
            {
                break;
            }

            if (folded && lineBreak == "\n" && startsWithText && _at.Current is not (' ' or '\t'))
            {
                text.Append(_breaks.Length == 0 ? " " : "");
            }
            else
            {
                text.Append(lineBreak);
            }
        }

        text.Append(strip ? "" : lineBreak);
        if (keep)
        {
            text.Append(_breaks);
        }

        return new YamlToken(YamlTokenKind.QuotedScalar, start, text.ToString());
    }

    private (bool Keep, bool Strip, int Increment) TakeBlockHeader()
    {
        var (keep, strip, increment) = (false, false, 0);
        for (var i = 0; i < 2; i++)
        {
            var c = _at.Current;
            if (c is '+' or '-' && !keep && !strip)
            {
                (keep, strip) = (c == '+', c == '-');
                _at.Skip();
            }
            else if (char.IsAsciiDigit(c) && increment == 0)
            {
                increment = c > '0' ? c - '0' : throw Fault("The indentation of a block is 1 to 9.");
                _at.Skip();
            }
        }

        var isSeparated = _at.Current == ' ';
        _at.SkipSpaces();
        if (_at.Current == '#' && isSeparated)
        {
            _at.TakeLine();
        }

        if (!YamlCursor.IsBreakOrEnd(_at.Current))
        {
            throw Fault("After '|' or '>' the line holds at most '+' or '-', a digit, and a comment.");
        }

        _at.TakeBreak();
        return (keep, strip, increment);
    }

    /// <summary>Takes what stands before the first text into <see cref="_breaks"/>; returns the deepest indentation of it.</summary>
    private int TakeLeadingBreaks()
    {
        _breaks.Clear();
        var deepest = 0;
        while (_at.Current == ' ' || YamlCursor.IsBreak(_at.Current))
        {
            _at.SkipSpaces();
            deepest = Math.Max(deepest, _at.Column);
            _breaks.Append(_at.TakeBreak());
        }

        return deepest;
    }

    /// <summary>Takes empty lines into <see cref="_breaks"/>, and the indentation of the next.</summary>
    private void TakeIndentedBreaks(int indent)
    {
        _breaks.Clear();
        _at.SkipSpaces(indent - _at.Column);
        while (YamlCursor.IsBreak(_at.Current))
        {
            _breaks.Append(_at.TakeBreak());
            _at.SkipSpaces(indent - _at.Column);
        }
    }
}
