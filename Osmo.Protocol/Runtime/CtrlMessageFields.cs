using System.Text.Json;

namespace Osmo.Protocol.Runtime;

/// <summary>The members of one message, as they come, before its kind is known.</summary>
internal struct CtrlMessageFields
{
    public LogStream? Stream;
    public string? OtherIoType;
    public string? Source;
    public DateTimeOffset? Time;
    public string? Text;
    public string? Name;
    public int? Count;
    public string? MetricType;
    public MetricFields? Metric;

    public readonly CtrlMessage ToMessage()
    {
        if (Stream is { } stream)
            return new CtrlMessage.Line(stream, Need(Source, "Source"), NeedTime(), Need(Text, "Text"));
        return OtherIoType switch
        {
            WireNames.LogDone => new CtrlMessage.LogDone(Need(Source, "Source"), NeedTime()),
            WireNames.Barrier => new CtrlMessage.Barrier(Need(Name, "Name"), Count ?? throw Missing("Count")),
            WireNames.Metrics => ToMetrics(),
            null => throw Missing("IOType"),
            var other => throw new JsonException($"IOType is '{other}'; allowed are {WireNames.AllowedIoTypes}."),
        };
    }

    public static DateTimeOffset ReadTime(ref Utf8JsonReader reader, string member)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException($"member {member} must be a string.");
        return reader.TryGetDateTimeOffset(out var time)
            ? time
            : throw new JsonException(
                $"member {member} is '{reader.GetString()}'; allowed is an RFC 3339 time such as 2026-08-01T10:00:00.123456789Z.");
    }

    public static string ReadString(ref Utf8JsonReader reader, string member)
    {
        reader.Read();
        return CurrentString(ref reader, member);
    }

    public static string CurrentString(ref Utf8JsonReader reader, string member) =>
        reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException($"member {member} must be a string.");

    public static long ReadInteger(ref Utf8JsonReader reader, string member)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value)
            ? value
            : throw new JsonException($"member {member} must be an integer.");
    }

    public static JsonException Missing(string member) => new($"member {member} is missing.");

    private readonly CtrlMessage ToMetrics()
    {
        var metric = Metric ?? throw Missing("Metric");
        return MetricType switch
        {
            WireNames.GroupMetrics => metric.ToGroupMetrics(Need(Source, "Source"), NeedTime()),
            WireNames.TaskIoMetrics => metric.ToTaskIoMetrics(Need(Source, "Source"), NeedTime()),
            null => throw Missing("MetricType"),
            var other => throw new JsonException(
                $"MetricType is '{other}'; allowed are {WireNames.GroupMetrics}, {WireNames.TaskIoMetrics}."),
        };
    }

    private readonly DateTimeOffset NeedTime() => Time ?? throw Missing("Time");

    private static string Need(string? value, string member) => value ?? throw Missing(member);
}
