namespace Osmo.Workflows.Yaml;

/// <summary>Keys, which are known as such only at the ':' after them.</summary>
internal sealed partial class YamlScanner
{
    private const int LongestKey = 1024;

    /// <summary>What may turn out to be a key, one for each depth of brackets.</summary>
    private readonly List<PossibleKey?> _possibleKeys = [null];

    private bool NeedsMore()
    {
        if (_head == _tokens.Count)
        {
            return true;
        }

        DropStaleKeys();
        foreach (var key in _possibleKeys)
        {
            if (key is { } possible && possible.TokenNumber == _taken)
            {
                return true;
            }
        }

        return false;
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

    private void SavePossibleKey()
    {
        if (_mayStartKey)
        {
            RemovePossibleKey();
            _possibleKeys[FlowDepth] = new PossibleKey(
                _taken + _tokens.Count - _head, IsRequired: !InFlow && _indent == _at.Column, _at.Index, _at.Line, _at.Position);
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
            if (_possibleKeys[i] is { } key && (key.Line != _at.Line || _at.Index - key.Index > LongestKey))
            {
                _possibleKeys[i] = key.IsRequired ? throw MissingColon(key) : null;
            }
        }
    }

    private static YamlSyntaxException MissingColon(PossibleKey key) =>
        new("This stands where a key is expected, but no ':' follows it.", key.Position);

    private readonly record struct PossibleKey(int TokenNumber, bool IsRequired, int Index, int Line, YamlPosition Position);
}
