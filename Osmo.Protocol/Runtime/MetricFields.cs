using System.Globalization;
using System.Text.Json;

namespace Osmo.Protocol.Runtime;

/// <summary>The members of a metric, before its type is known (contract: runtime-protocol §20).</summary>
internal sealed class MetricFields
{
    private static readonly string[] TimeFormats = ["yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    private readonly Dictionary<string, string> _texts = new(StringComparer.OrdinalIgnoreCase);

    public static MetricFields Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("member Metric must be an object.");
        var fields = new MetricFields();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            fields._texts[name] = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.Number when reader.TryGetInt64(out var number) => number.ToString(CultureInfo.InvariantCulture),
                _ => throw new JsonException($"member Metric.{name} must be a string or an integer."),
            };
        }

        return fields;
    }

    public CtrlMessage.GroupMetrics ToGroupMetrics(string source, DateTimeOffset time)
    {
        var name = Need("type_of_metrics");
        var metric = WireNames.ParseGroupMetric(name)
            ?? throw new JsonException($"member Metric.type_of_metrics is '{name}'; allowed are input_download, output_upload.");
        return new CtrlMessage.GroupMetrics(source, time, Need("retry_id"), metric, NeedTime("start_time"), NeedTime("end_time"));
    }

    public CtrlMessage.TaskIoMetrics ToTaskIoMetrics(string source, DateTimeOffset time) => new(
        source,
        time,
        Need("retry_id"),
        Need("group_name"),
        Need("task_name"),
        Need("url"),
        Need("type"),
        NeedTime("start_time"),
        NeedTime("end_time"),
        NeedInteger("size_in_bytes"),
        NeedInteger("number_of_files"),
        Need("operation_type"),
        Need("download_type"));

    private string Need(string member) =>
        _texts.TryGetValue(member, out var text) ? text : throw CtrlMessageFields.Missing($"Metric.{member}");

    private long NeedInteger(string member) =>
        long.TryParse(Need(member), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new JsonException($"member Metric.{member} must be an integer.");

    private DateTimeOffset NeedTime(string member) =>
        DateTimeOffset.TryParseExact(
            Need(member),
            TimeFormats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            ? time
            : throw new JsonException(
                $"member Metric.{member} is '{Need(member)}'; allowed is a UTC time such as 2026-08-01 10:00:00.000.");
}
