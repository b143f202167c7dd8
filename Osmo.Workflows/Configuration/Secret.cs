using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.Workflows.Configuration;

/// <summary>A text that must not be shown. It prints as a mask; <see cref="Reveal"/> is the one way to the value.</summary>
[JsonConverter(typeof(SecretConverter))]
public readonly record struct Secret
{
    public const string Mask = "**********";

    private readonly string? _value;

    public Secret(string value) => _value = value;

    public bool IsEmpty => string.IsNullOrEmpty(_value);

    public string Reveal() => _value ?? "";

    /// <summary>The mask, or nothing when there is nothing to hide (contract: config §4 "Secrets").</summary>
    public override string ToString() => IsEmpty ? "" : Mask;
}

/// <summary>Secrets in clear: for storage, which encrypts, and never for an answer.</summary>
public sealed class SecretConverter : JsonConverter<Secret>
{
    public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Reveal());
}

/// <summary>Secrets masked: for every answer.</summary>
public sealed class MaskedSecretConverter : JsonConverter<Secret>
{
    public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
