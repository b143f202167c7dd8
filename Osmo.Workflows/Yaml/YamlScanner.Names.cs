namespace Osmo.Workflows.Yaml;

/// <summary>Anchors, aliases and tags.</summary>
internal sealed partial class YamlScanner
{
    private const string StandardTagPrefix = "tag:yaml.org,2002:";

    private const string UriCharacters = "-;/?:@&=+$,_.!~*'()[]%";

    private YamlToken ScanName(YamlTokenKind kind)
    {
        var start = _at.Position;
        _at.Skip();
        var length = 0;
        while (char.IsAsciiLetterOrDigit(_at.Peek(length)) || _at.Peek(length) is '-' or '_')
        {
            length++;
        }

        if (length == 0)
        {
            throw Fault("The name of an anchor or alias is made of letters, digits, '-' and '_'.");
        }

        var name = _at.Take(length).ToString();
        return YamlCursor.IsBlankOrEnd(_at.Current) || _at.Current is '?' or ':' or ',' or ']' or '}' or '%' or '@' or '`'
            ? new YamlToken(kind, start, name)
            : throw Fault($"The name of an anchor or alias cannot hold '{_at.Current}'.");
    }

    private YamlToken ScanTag()
    {
        var start = _at.Position;
        _at.Skip();
        string tag;
        if (_at.Current == '<')
        {
            _at.Skip();
            tag = TakeUri();
            if (_at.Current != '>')
            {
                throw Fault("A tag that starts with '!<' ends with '>'.");
            }

            _at.Skip();
        }
        else if (_at.Current == '!')
        {
            _at.Skip();
            tag = StandardTagPrefix + TakeUri();
        }
        else
        {
            tag = YamlCursor.IsBlankOrEnd(_at.Current) ? "!" : "!" + TakeUri();
        }

        return _at.Current == ' ' || YamlCursor.IsBreakOrEnd(_at.Current)
            ? new YamlToken(YamlTokenKind.Tag, start, tag)
            : throw Fault("A tag ends with a space.");
    }

    private string TakeUri()
    {
        var length = 0;
        while (char.IsAsciiLetterOrDigit(_at.Peek(length)) || UriCharacters.Contains(_at.Peek(length)))
        {
            length++;
        }

        return length > 0 ? _at.Take(length).ToString() : throw Fault("A tag has a name.");
    }
}
