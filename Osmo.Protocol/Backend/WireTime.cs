using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.Protocol.Backend;

/// <summary>ISO 8601 in UTC with <c>Z</c>; read with or without zone, where none means UTC (contract: backend-protocol §3).</summary>
public sealed class WireTime : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Format(value));

    /// <summary>Whole seconds as Kubernetes writes them, fractions down to microseconds when there are any.</summary>
    public static string Format(DateTimeOffset time) => Zoneless(time) + "Z";

    public static bool TryParse(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out time);

    internal static DateTimeOffset Parse(string? text) =>
        TryParse(text, out var time) ? time : throw new JsonException($"'{text}' is not an ISO 8601 time.");

    internal static string Zoneless(DateTimeOffset time) =>
        time.UtcDateTime.ToString(
            time.Ticks % TimeSpan.TicksPerSecond == 0 ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-ddTHH:mm:ss.ffffff",
            CultureInfo.InvariantCulture);
}

/// <summary>As <see cref="WireTime"/>, written without zone: how heartbeats are read by every control plane.</summary>
public sealed class ZonelessWireTime : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => WireTime.Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(WireTime.Zoneless(value));
}
