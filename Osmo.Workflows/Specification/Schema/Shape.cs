using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>
/// What a part of the language looks like, said once: the same shape reads YAML into the model, reports every fault it meets, and
/// describes itself as JSON Schema.
/// </summary>
internal abstract class Shape<T>
{
    /// <summary>Reads the value; false when at least one fault was reported.</summary>
    public abstract bool TryRead(Reading at, [MaybeNullWhen(false)] out T value);

    /// <summary>JSON Schema of what is accepted; objects are put into <paramref name="definitions"/> and referred to.</summary>
    public abstract JsonObject Describe(JsonObject definitions);
}

/// <summary>A shape that also accepts null.</summary>
internal sealed class NullableShape<T>(Shape<T> inner) : Shape<T?>
{
    public override bool TryRead(Reading at, out T? value)
    {
        value = default;
        return at.Value is Yaml.YamlValue.Null || inner.TryRead(at, out value);
    }

    public override JsonObject Describe(JsonObject definitions) =>
        new() { ["anyOf"] = new JsonArray(inner.Describe(definitions), new JsonObject { ["type"] = "null" }) };
}

/// <summary>Null for a value type that is not given.</summary>
internal sealed class OptionalShape<T>(Shape<T> inner) : Shape<T?> where T : struct
{
    public override bool TryRead(Reading at, out T? value)
    {
        value = null;
        if (at.Value is Yaml.YamlValue.Null)
        {
            return true;
        }

        var read = inner.TryRead(at, out var given);
        value = read ? given : null;
        return read;
    }

    public override JsonObject Describe(JsonObject definitions) =>
        new() { ["anyOf"] = new JsonArray(inner.Describe(definitions), new JsonObject { ["type"] = "null" }) };
}

/// <summary>A shape with one more rule on what it read; the rule reports and returns false.</summary>
internal sealed class CheckedShape<T>(Shape<T> inner, Func<T, Reading, bool> rule) : Shape<T>
{
    public override bool TryRead(Reading at, [MaybeNullWhen(false)] out T value) => inner.TryRead(at, out value) && rule(value, at);

    public override JsonObject Describe(JsonObject definitions) => inner.Describe(definitions);
}

/// <summary>A shape whose value is converted after reading.</summary>
internal sealed class MappedShape<TFrom, T>(Shape<TFrom> inner, Func<TFrom, T> map) : Shape<T>
{
    public override bool TryRead(Reading at, [MaybeNullWhen(false)] out T value)
    {
        var read = inner.TryRead(at, out var from);
        value = read ? map(from!) : default;
        return read;
    }

    public override JsonObject Describe(JsonObject definitions) => inner.Describe(definitions);
}

/// <summary>A shape that one function reads and one fixed schema describes.</summary>
internal sealed class CustomShape<T>(CustomShape<T>.Reader read, Func<JsonObject, JsonObject> describe) : Shape<T>
{
    /// <summary>Reads the value; false when at least one fault was reported.</summary>
    public delegate bool Reader(Reading at, [MaybeNullWhen(false)] out T value);

    public override bool TryRead(Reading at, [MaybeNullWhen(false)] out T value) => read(at, out value);

    public override JsonObject Describe(JsonObject definitions) => describe(definitions);
}
