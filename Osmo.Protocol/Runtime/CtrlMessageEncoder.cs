using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Osmo.Protocol.Runtime;

/// <summary>
/// Builds the text frames of a runtime: a JSON string whose content is a JSON object and a newline (contract: runtime-protocol §7.2).
/// </summary>
/// <remarks>
/// Append one message (or several where <see cref="LoggerProtocol"/> allows it), then take the frame. The buffers are reused: one encoder
/// per connection, one thread at a time.
/// </remarks>
public sealed class CtrlMessageEncoder : IDisposable
{
    private const string MetricTimeFormat = "yyyy-MM-dd HH:mm:ss.fff";
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> _content = new(4096);
    private readonly ArrayBufferWriter<byte> _frame = new(4096);
    private readonly Utf8JsonWriter _contentWriter;
    private readonly Utf8JsonWriter _frameWriter;

    public CtrlMessageEncoder()
    {
        _contentWriter = new Utf8JsonWriter(_content, Options);
        _frameWriter = new Utf8JsonWriter(_frame, Options);
    }

    /// <summary>Bytes appended since the last frame, before the outer encoding.</summary>
    public int PendingBytes => _content.WrittenCount;

    public void Append(CtrlMessage message)
    {
        var writer = _contentWriter;
        writer.Reset(_content);
        writer.WriteStartObject();
        switch (message)
        {
            case CtrlMessage.Line line:
                WriteLine(writer, line.Source, line.Time, line.Text, WireNames.Of(line.Stream));
                break;
            case CtrlMessage.LogDone done:
                WriteLine(writer, done.Source, done.Time, "", WireNames.LogDone);
                break;
            case CtrlMessage.Barrier barrier:
                writer.WriteString("Name"u8, barrier.Name);
                writer.WriteNumber("Count"u8, barrier.Count);
                writer.WriteString("IOType"u8, WireNames.Barrier);
                break;
            case CtrlMessage.GroupMetrics metrics:
                WriteGroupMetrics(writer, metrics);
                break;
            case CtrlMessage.TaskIoMetrics metrics:
                WriteTaskIoMetrics(writer, metrics);
                break;
            default:
                throw new ArgumentException($"Message {message.GetType().Name} has no wire form.", nameof(message));
        }

        writer.WriteEndObject();
        writer.Flush();
        _content.GetSpan(1)[0] = (byte)'\n';
        _content.Advance(1);
    }

    /// <summary>The frame with everything appended; valid until the next call. The encoder is empty afterwards.</summary>
    public ReadOnlyMemory<byte> TakeFrame()
    {
        _frame.ResetWrittenCount();
        _frameWriter.Reset(_frame);
        _frameWriter.WriteStringValue(_content.WrittenSpan);
        _frameWriter.Flush();
        _content.ResetWrittenCount();
        return _frame.WrittenMemory;
    }

    public void Dispose()
    {
        _contentWriter.Dispose();
        _frameWriter.Dispose();
    }

    private static void WriteLine(Utf8JsonWriter writer, string source, DateTimeOffset time, string text, string ioType)
    {
        writer.WriteString("Source"u8, source);
        writer.WriteString("Time"u8, time.UtcDateTime);
        writer.WriteString("Text"u8, text);
        writer.WriteString("IOType"u8, ioType);
    }

    private static void WriteGroupMetrics(Utf8JsonWriter writer, CtrlMessage.GroupMetrics metrics)
    {
        WriteMetricHead(writer, metrics.Source, metrics.Time, WireNames.GroupMetrics);
        writer.WriteString("retry_id"u8, metrics.RetryId);
        WriteMetricTimes(writer, metrics.StartTime, metrics.EndTime);
        writer.WriteString("type_of_metrics"u8, WireNames.Of(metrics.Metric));
        writer.WriteEndObject();
    }

    private static void WriteTaskIoMetrics(Utf8JsonWriter writer, CtrlMessage.TaskIoMetrics metrics)
    {
        WriteMetricHead(writer, metrics.Source, metrics.Time, WireNames.TaskIoMetrics);
        writer.WriteString("retry_id"u8, metrics.RetryId);
        writer.WriteString("group_name"u8, metrics.GroupName);
        writer.WriteString("task_name"u8, metrics.TaskName);
        writer.WriteString("url"u8, metrics.Url);
        writer.WriteString("type"u8, metrics.Type);
        WriteMetricTimes(writer, metrics.StartTime, metrics.EndTime);
        writer.WriteNumber("size_in_bytes"u8, metrics.SizeInBytes);
        writer.WriteNumber("number_of_files"u8, metrics.NumberOfFiles);
        writer.WriteString("operation_type"u8, metrics.OperationType);
        writer.WriteString("download_type"u8, metrics.DownloadType);
        writer.WriteEndObject();
    }

    private static void WriteMetricHead(Utf8JsonWriter writer, string source, DateTimeOffset time, string metricType)
    {
        writer.WriteString("Source"u8, source);
        writer.WriteString("Time"u8, time.UtcDateTime);
        writer.WriteString("IOType"u8, WireNames.Metrics);
        writer.WriteString("MetricType"u8, metricType);
        writer.WriteStartObject("Metric"u8);
    }

    private static void WriteMetricTimes(Utf8JsonWriter writer, DateTimeOffset start, DateTimeOffset end)
    {
        writer.WriteString("start_time"u8, start.UtcDateTime.ToString(MetricTimeFormat, CultureInfo.InvariantCulture));
        writer.WriteString("end_time"u8, end.UtcDateTime.ToString(MetricTimeFormat, CultureInfo.InvariantCulture));
    }
}
