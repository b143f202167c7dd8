using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>A list; every bad item is reported.</summary>
internal sealed class ListShape<T>(Shape<T> item) : Shape<ImmutableArray<T>>
{
    public override bool TryRead(Reading at, out ImmutableArray<T> value)
    {
        value = [];
        if (at.Value is not YamlValue.List list)
        {
            return at.Fail("Input should be a valid list", "a list");
        }

        var items = ImmutableArray.CreateBuilder<T>(list.Items.Length);
        var complete = true;
        for (var i = 0; i < list.Items.Length; i++)
        {
            if (item.TryRead(at.At(i.ToString(CultureInfo.InvariantCulture), list.Items[i]), out var read))
            {
                items.Add(read);
            }
            else
            {
                complete = false;
            }
        }

        value = items.ToImmutable();
        return complete;
    }

    public override JsonObject Describe(JsonObject definitions) => new() { ["type"] = "array", ["items"] = item.Describe(definitions) };
}

/// <summary>
/// A map whose keys the author chooses, in the author's order; <paramref name="printedKeys"/> also takes numbers and booleans as keys.
/// </summary>
internal sealed class MapShape<T>(Shape<T> item, bool printedKeys = false) : Shape<ImmutableArray<KeyValuePair<string, T>>>
{
    public override bool TryRead(Reading at, out ImmutableArray<KeyValuePair<string, T>> value)
    {
        value = [];
        if (at.Value is not YamlValue.Map map)
        {
            return at.Fail("Input should be a valid dictionary", "a map");
        }

        var entries = ImmutableArray.CreateBuilder<KeyValuePair<string, T>>(map.Entries.Length);
        var complete = true;
        foreach (var entry in map.Entries)
        {
            var key = printedKeys ? PythonText.OfScalar(entry.Key) : (entry.Key as YamlValue.Text)?.Value;
            if (key is null)
            {
                complete = at.At(PythonText.OfScalar(entry.Key) ?? entry.Key.Kind, entry.Key).Fail(
                    "Input should be a valid string", "a string as key");
            }
            else if (item.TryRead(at.At(key, entry.Value), out var read))
            {
                entries.Add(new(key, read));
            }
            else
            {
                complete = false;
            }
        }

        value = entries.ToImmutable();
        return complete;
    }

    public override JsonObject Describe(JsonObject definitions) =>
        new() { ["type"] = "object", ["additionalProperties"] = item.Describe(definitions) };
}
