using System.Text;

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
        var text = new StringBuilder();
        StringBuilder breaks;
        int indent;
        if (increment == 0)
        {
            breaks = TakeLeadingBreaks(out var deepest);
            indent = Math.Max(smallest, deepest);
        }
        else
        {
            indent = smallest + increment - 1;
            breaks = TakeIndentedBreaks(indent);
        }

        var lineBreak = "";
        while (_at.Column == indent && _at.Current != YamlCursor.End)
        {
            text.Append(breaks);
            var startsWithText = _at.Current is not (' ' or '\t');
            AppendLine(text);
            lineBreak = _at.TakeBreak();
            breaks = TakeIndentedBreaks(indent);
            if (_at.Column != indent || _at.Current == YamlCursor.End)
            {
                break;
            }

            if (folded && lineBreak == "\n" && startsWithText && _at.Current is not (' ' or '\t'))
            {
                text.Append(breaks.Length == 0 ? " " : "");
            }
            else
            {
                text.Append(lineBreak);
            }
        }

        text.Append(strip ? "" : lineBreak).Append(keep ? breaks : "");
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
        _at.SkipWhile(' ');
        if (_at.Current == '#' && isSeparated)
        {
            SkipLine();
        }

        if (!YamlCursor.IsBreakOrEnd(_at.Current))
        {
            throw Fault("After '|' or '>' the line holds at most '+' or '-', a digit, and a comment.");
        }

        _at.TakeBreak();
        return (keep, strip, increment);
    }

    private void AppendLine(StringBuilder text)
    {
        var length = 0;
        while (!YamlCursor.IsBreakOrEnd(_at.Peek(length)))
        {
            length++;
        }

        text.Append(_at.Take(length));
    }

    private StringBuilder TakeLeadingBreaks(out int deepest)
    {
        var breaks = new StringBuilder();
        deepest = 0;
        while (_at.Current == ' ' || YamlCursor.IsBreak(_at.Current))
        {
            if (_at.Current == ' ')
            {
                _at.Skip();
                deepest = Math.Max(deepest, _at.Column);
            }
            else
            {
                breaks.Append(_at.TakeBreak());
            }
        }

        return breaks;
    }

    private StringBuilder TakeIndentedBreaks(int indent)
    {
        var breaks = new StringBuilder();
        SkipIndentation(indent);
        while (YamlCursor.IsBreak(_at.Current))
        {
            breaks.Append(_at.TakeBreak());
            SkipIndentation(indent);
        }

        return breaks;
    }

    private void SkipIndentation(int indent)
    {
        while (_at.Column < indent && _at.Current == ' ')
        {
            _at.Skip();
        }
    }
}
