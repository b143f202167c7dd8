using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.Workflows;

/// <summary>The wire form of enums: <c>FailedExecTimeout</c> is <c>FAILED_EXEC_TIMEOUT</c>, case-sensitive.</summary>
public static class WireEnum<T> where T : struct, Enum
{
    private static readonly FrozenDictionary<T, string> Names = Enum.GetValues<T>().ToFrozenDictionary(value => value, value => UpperSnake(value.ToString()));

    private static readonly FrozenDictionary<string, T> Values = Names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>All wire names in the order of declaration.</summary>
    public static IReadOnlyList<string> AllNames { get; } = [.. Enum.GetValues<T>().Select(value => Names[value])];

    public static string Name(T value) => Names[value];

    public static bool TryParse(string? name, out T value)
    {
        value = default;
        return name is not null && Values.TryGetValue(name, out value);
    }

    private static string UpperSnake(string name)
    {
        var text = new StringBuilder(name.Length + 4);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToUpperInvariant(c));
        }

        return text.ToString();
    }
}

/// <summary>An enum in JSON: its wire name; another text is refused with the names that are allowed.</summary>
public sealed class WireEnumConverter<T> : JsonConverter<T> where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var name = reader.GetString();
        return WireEnum<T>.TryParse(name, out var value)
            ? value
            : throw new JsonException($"'{name}' is not a {typeof(T).Name}; allowed are {string.Join(", ", WireEnum<T>.AllNames)}.");
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(WireEnum<T>.Name(value));

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader, typeToConvert, options);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(WireEnum<T>.Name(value));
}
