namespace Osmo.Workflows.Yaml;

/// <summary>Items of one list at a time; used again for the next one.</summary>
internal sealed class YamlListBuilder
{
    private readonly List<YamlValue> _items = [];

    public void Add(YamlValue item) => _items.Add(item);

    public YamlValue.List Build(YamlPosition position)
    {
        var list = new YamlValue.List([.. _items]) { Position = position };
        _items.Clear();
        return list;
    }
}
