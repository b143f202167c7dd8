using System.Text.Json.Nodes;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>
/// A map with known keys. All fields are read and all faults reported, then keys that do not exist; a rule runs when the fields it
/// needs were read.
/// </summary>
internal sealed class ObjectShape<T>(string name, string description) : Shape<T> where T : class
{
    private readonly List<Field> _fields = [];
    private readonly Dictionary<string, Field> _byKey = new(StringComparer.Ordinal);
    private readonly List<(Field[] Needs, Func<FieldValues, Reading, bool> Holds)> _rules = [];
    private Func<FieldValues, T>? _build;

    public Field<TField> Required<TField>(string key, Shape<TField> shape, string fieldDescription) =>
        Add(new Field<TField>(_fields.Count, key, shape, fieldDescription, required: true, default!));

    public Field<TField> Optional<TField>(string key, Shape<TField> shape, TField absent, string fieldDescription) =>
        Add(new Field<TField>(_fields.Count, key, shape, fieldDescription, required: false, absent));

    /// <summary>A rule over several fields; it reports and returns false when broken.</summary>
    public ObjectShape<T> Rule(Field[] needs, Func<FieldValues, Reading, bool> holds)
    {
        _rules.Add((needs, holds));
        return this;
    }

    public ObjectShape<T> Build(Func<FieldValues, T> build)
    {
        _build = build;
        return this;
    }

    public override bool TryRead(Reading at, out T value)
    {
        value = null!;
        if (at.Value is not YamlValue.Map map)
        {
            return at.Fail(
                "Input should be a valid dictionary", $"a map with the keys {string.Join(", ", _fields.Select(field => field.Key))}");
        }

        var values = new FieldValues(_fields.Count);
        var given = Given(map, out var isEveryKeyKnown);
        var complete = true;
        foreach (var field in _fields)
        {
            complete &= field.TryRead(at, given[field.Index], values);
        }

        if (!isEveryKeyKnown)
        {
            complete = false;
            ReportUnknownKeys(at, map);
        }

        foreach (var (needs, holds) in _rules)
        {
            complete &= !values.HasAll(needs) || holds(values, at);
        }

        if (complete)
        {
            value = _build!(values);
        }

        return complete;
    }

    public override JsonObject Describe(JsonObject definitions)
    {
        if (!definitions.ContainsKey(name))
        {
            definitions[name] = new JsonObject();
            var properties = new JsonObject();
            foreach (var field in _fields)
            {
                properties[field.Key] = field.Describe(definitions);
            }

            var schema = new JsonObject
            {
                ["type"] = "object",
                ["description"] = description,
                ["properties"] = properties,
                ["additionalProperties"] = false,
            };
            if (_fields.Where(field => field.IsRequired).Select(field => (JsonNode)field.Key).ToArray() is { Length: > 0 } required)
            {
                schema["required"] = new JsonArray(required);
            }

            definitions[name] = schema;
        }

        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

    /// <summary>What the map gives for each field; null where it gives nothing.</summary>
    private YamlValue?[] Given(YamlValue.Map map, out bool isEveryKeyKnown)
    {
        isEveryKeyKnown = true;
        var given = new YamlValue?[_fields.Count];
        foreach (var (key, value) in map.Entries)
        {
            if (key is YamlValue.Text { Value: var text } && _byKey.TryGetValue(text, out var field))
            {
                given[field.Index] = value;
            }
            else
            {
                isEveryKeyKnown = false;
            }
        }

        return given;
    }

    private void ReportUnknownKeys(Reading at, YamlValue.Map map)
    {
        foreach (var entry in map.Entries)
        {
            if (entry.Key is not YamlValue.Text key)
            {
                at.At(PythonText.OfScalar(entry.Key) ?? entry.Key.Kind, entry.Key).Fail(
                    "Keys should be strings", "a string as key");
            }
            else if (!_byKey.ContainsKey(key.Value))
            {
                var unknown = at.At(key.Value, entry.Value with { Position = key.Position });
                unknown.Fail("Extra inputs are not permitted", string.Join(", ", _fields.Select(field => field.Key)));
            }
        }
    }

    private Field<TField> Add<TField>(Field<TField> field)
    {
        _fields.Add(field);
        _byKey.Add(field.Key, field);
        return field;
    }
}

/// <summary>A known key of an object.</summary>
internal abstract class Field(int index, string key, bool required)
{
    public int Index { get; } = index;

    public string Key { get; } = key;

    public bool IsRequired { get; } = required;

    /// <param name="owner">The map that has the key, or lacks it.</param>
    /// <param name="given">The key's value; null when it is missing.</param>
    /// <param name="values">Takes what was read.</param>
    public abstract bool TryRead(Reading owner, YamlValue? given, FieldValues values);

    public abstract JsonObject Describe(JsonObject definitions);
}

internal sealed class Field<T>(int index, string key, Shape<T> shape, string description, bool required, T absent)
    : Field(index, key, required)
{
    private readonly object? _absent = absent;

    public override bool TryRead(Reading owner, YamlValue? given, FieldValues values)
    {
        if (given is null)
        {
            if (IsRequired)
            {
                return owner.At(Key).FailMissing("Field required");
            }

            values.Set(this, _absent);
            return true;
        }

        if (!shape.TryRead(owner.At(Key, given), out var value))
        {
            return false;
        }

        values.Set(this, value);
        return true;
    }

    public override JsonObject Describe(JsonObject definitions)
    {
        var schema = shape.Describe(definitions);
        schema["description"] = description;
        return schema;
    }
}

/// <summary>The fields of one object that were read.</summary>
internal sealed class FieldValues(int count)
{
    /// <summary>Stands for a field that was read as null.</summary>
    private static readonly object Null = new();

    private readonly object?[] _values = new object?[count];

    public bool HasAll(Field[] fields)
    {
        foreach (var field in fields)
        {
            if (_values[field.Index] is null)
            {
                return false;
            }
        }

        return true;
    }

    public T Get<T>(Field<T> field) => _values[field.Index] is var value && ReferenceEquals(value, Null) ? default! : (T)value!;

    public void Set(Field field, object? value) => _values[field.Index] = value ?? Null;
}
