using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Osmo.Gateway.Conventions;

/// <summary>UTC without zone, fraction omitted when zero and otherwise at most six digits (contract: api-rest §2.2).</summary>
public sealed class NaiveTimestampConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Timestamps.TryParse(reader.GetString(), out var time)
            ? time
            : throw new JsonException($"'{reader.GetString()}' is not an ISO 8601 time.");

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Timestamps.Format(value));
}

/// <summary>A number that clients read as a float: whole values keep their <c>.0</c> (contract: api-rest §2.3).</summary>
public sealed class FloatConverter : JsonConverter<double>
{
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsInteger(value) && Math.Abs(value) < 1e15)
        {
            writer.WriteRawValue(value.ToString("0.0", CultureInfo.InvariantCulture), skipInputValidation: true);
        }
        else
        {
            writer.WriteNumberValue(value);
        }
    }
}

/// <summary>Times on the wire (contract: api-rest §2.2).</summary>
public static partial class Timestamps
{
    public static string Format(DateTime time) => time.ToString(
        time.Ticks % TimeSpan.TicksPerSecond < TimeSpan.TicksPerMicrosecond ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-ddTHH:mm:ss.ffffff",
        CultureInfo.InvariantCulture);

    /// <summary>ISO 8601 with <c>T</c> or space, or a date alone; without zone it is UTC. The result is UTC.</summary>
    public static bool TryParse(string? text, out DateTime time)
    {
        time = default;
        return text is not null
            && Iso8601().IsMatch(text)
            && DateTime.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    /// <summary>Seconds of a span, in microseconds' precision.</summary>
    public static double Seconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond / 1e6;

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Iso8601();
}
