using System.Collections.Immutable;
using System.Numerics;

namespace Osmo.Workflows.Yaml;

/// <summary>
/// Entries of one map at a time, used again for the next one: merged ones stand first and yield to the map's own; of equal keys the last
/// value wins in the first one's place.
/// </summary>
internal sealed class YamlMapBuilder
{
    /// <summary>Up to here comparing every two keys costs less than looking them up.</summary>
    private const int FewEntries = 24;

    private readonly List<YamlEntry> _merged = [];
    private readonly List<YamlEntry> _own = [];

    public void Set(YamlValue key, YamlValue value) => _own.Add(new YamlEntry(key, value));

    /// <summary>Takes over the entries of a map, or of a list of maps in which earlier ones win.</summary>
    public bool TryMerge(YamlValue value)
    {
        switch (value)
        {
            case YamlValue.Map map:
                _merged.AddRange(map.Entries);
                return true;
            case YamlValue.List list when list.Items.All(item => item is YamlValue.Map):
                _merged.AddRange(list.Items.Reverse().SelectMany(item => ((YamlValue.Map)item).Entries));
                return true;
            default:
                return false;
        }
    }

    public YamlValue.Map Build(YamlPosition position)
    {
        var entries = _merged.Count == 0 && AreFewDistinctTexts() ? [.. _own] : Combined();
        _merged.Clear();
        _own.Clear();
        return new YamlValue.Map(entries) { Position = position };
    }

    /// <summary>Whether nothing can be equal, as in nearly every map.</summary>
    private bool AreFewDistinctTexts()
    {
        if (_own.Count > FewEntries)
        {
            return false;
        }

        for (var i = 0; i < _own.Count; i++)
        {
            if (_own[i].Key is not YamlValue.Text { Value: var key })
            {
                return false;
            }

            for (var other = 0; other < i; other++)
            {
                if (((YamlValue.Text)_own[other].Key).Value == key)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private ImmutableArray<YamlEntry> Combined()
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>(_merged.Count + _own.Count);
        var indexes = new Dictionary<object, int>();
        foreach (var entry in _merged.Concat(_own))
        {
            var identity = Identity(entry.Key);
            if (indexes.TryGetValue(identity, out var index))
            {
                entries[index] = entries[index] with { Value = entry.Value };
            }
            else
            {
                indexes.Add(identity, entries.Count);
                entries.Add(entry);
            }
        }

        return entries.ToImmutable();
    }

    /// <summary>Keys are equal as in Python: <c>1</c>, <c>1.0</c> and <c>true</c> are one key.</summary>
    private static object Identity(YamlValue key) => key switch
    {
        YamlValue.Text text => text.Value,
        YamlValue.Bool flag => flag.Value ? BigInteger.One : BigInteger.Zero,
        YamlValue.Int number => number.Value,
        YamlValue.Float { Value: var number } when double.IsInteger(number) => new BigInteger(number),
        YamlValue.Float number => number.Value,
        YamlValue.Timestamp date => (typeof(YamlValue.Timestamp), date.Source),
        _ => DBNull.Value,
    };
}
