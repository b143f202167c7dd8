using System.Collections.Immutable;
using System.Text.Json;

namespace Osmo.Protocol.LocalPods;

/// <summary>An object of a file, whose members are asked for by name; errors say which member, where, and what it must be.</summary>
internal readonly struct JsonObject
{
    private readonly JsonElement _element;
    private readonly string _at;

    public JsonObject(JsonElement element, string at)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new JsonException($"{(at.Length == 0 ? "the document" : at)} must be an object.");
        (_element, _at) = (element, at);
    }

    public string Text(string name) => OptionalText(name) ?? throw Must(name, "is missing; it must be a string");

    public string? OptionalText(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        _ => throw Must(name, "must be a string"),
    };

    public int Integer(string name) => OptionalInteger(name) ?? throw Must(name, "is missing; it must be an integer");

    public int? OptionalInteger(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) => number,
        _ => throw Must(name, "must be an integer"),
    };

    public DateTimeOffset Time(string name) => OptionalTime(name) ?? throw Must(name, "is missing; it must be a time");

    public DateTimeOffset? OptionalTime(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value when value.TryGetDateTimeOffset(out var time) => time,
        _ => throw Must(name, "must be an RFC 3339 time"),
    };

    public ImmutableArray<string> Texts(string name)
    {
        var array = Array(name);
        var texts = ImmutableArray.CreateBuilder<string>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
            texts.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Must(name, "must be an array of strings"));
        return texts.MoveToImmutable();
    }

    public ImmutableArray<T> Objects<T>(string name, Func<JsonObject, T> read)
    {
        var array = Array(name);
        var objects = ImmutableArray.CreateBuilder<T>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
            objects.Add(read(new JsonObject(item, $"{Path(name)}[{objects.Count}]")));
        return objects.MoveToImmutable();
    }

    public JsonException Must(string name, string what) => new($"member {Path(name)} {what}.");

    private JsonElement Array(string name) =>
        Find(name) is { ValueKind: JsonValueKind.Array } array ? array : throw Must(name, "must be an array");

    private JsonElement? Find(string name) =>
        _element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private string Path(string name) => _at.Length == 0 ? name : $"{_at}.{name}";
}
