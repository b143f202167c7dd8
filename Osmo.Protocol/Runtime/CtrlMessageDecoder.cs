using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Osmo.Protocol.Runtime;

/// <summary>Reads the text frames of a runtime (contract: runtime-protocol §7.2, §7.3).</summary>
/// <remarks>
/// Tolerant where upstream's peers differ: member names in any case, unknown members, a frame that is not double-encoded, several messages
/// in one frame. Keeps buffers between frames: one decoder per connection, one thread at a time.
/// </remarks>
public sealed class CtrlMessageDecoder
{
    private static readonly JsonReaderOptions ContentOptions = new() { AllowMultipleValues = true };

    private byte[] _content = new byte[4096];
    private string _lastSource = "";

    /// <summary>Appends the messages of a frame to <paramref name="into"/>.</summary>
    /// <param name="frame">A whole WebSocket message.</param>
    /// <param name="into">Gets the messages in order. On failure it may already hold those before the bad one.</param>
    /// <param name="error">What was wrong, where, and what is allowed.</param>
    public bool TryDecode(ReadOnlySpan<byte> frame, ICollection<CtrlMessage> into, [NotNullWhen(false)] out string? error)
    {
        try
        {
            var content = Unwrap(frame);
            if (!content.IsEmpty)
                DecodeContent(content, into);
            else
                DecodeContent(frame, into);
            error = null;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            error = $"Bad message from the task's runtime: {exception.Message}";
            return false;
        }
    }

    /// <summary>The content of the outer string, or nothing when the frame is a bare object.</summary>
    private ReadOnlySpan<byte> Unwrap(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(frame);
        if (!reader.Read() || reader.TokenType is not (JsonTokenType.String or JsonTokenType.StartObject))
            throw new JsonException($"the frame is a JSON {Describe(reader.TokenType)}; allowed is a string that holds a JSON object.");
        if (reader.TokenType == JsonTokenType.StartObject)
            return default;
        if (_content.Length < reader.ValueSpan.Length)
            _content = new byte[int.Max(reader.ValueSpan.Length, _content.Length * 2)];
        var length = reader.CopyString(_content);
        if (reader.Read())
            throw new JsonException("the frame has something after the string.");
        if (length == 0)
            throw new JsonException("the frame is an empty string; allowed is a string that holds a JSON object.");
        return _content.AsSpan(0, length);
    }

    private void DecodeContent(ReadOnlySpan<byte> content, ICollection<CtrlMessage> into)
    {
        var reader = new Utf8JsonReader(content, ContentOptions);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException($"the message is a JSON {Describe(reader.TokenType)}; allowed is an object.");
            into.Add(ReadMessage(ref reader));
        }
    }

    private CtrlMessage ReadMessage(ref Utf8JsonReader reader)
    {
        var fields = default(CtrlMessageFields);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            if (Is(name, "source"u8))
                fields.Source = ReadSource(ref reader);
            else if (Is(name, "time"u8))
                fields.Time = CtrlMessageFields.ReadTime(ref reader, "Time");
            else if (Is(name, "text"u8))
                fields.Text = CtrlMessageFields.ReadString(ref reader, "Text");
            else if (Is(name, "iotype"u8))
                ReadIoType(ref reader, ref fields);
            else if (Is(name, "name"u8))
                fields.Name = CtrlMessageFields.ReadString(ref reader, "Name");
            else if (Is(name, "count"u8))
                fields.Count = checked((int)CtrlMessageFields.ReadInteger(ref reader, "Count"));
            else if (Is(name, "metrictype"u8))
                fields.MetricType = CtrlMessageFields.ReadString(ref reader, "MetricType");
            else if (Is(name, "metric"u8))
                fields.Metric = MetricFields.Read(ref reader);
            else
                reader.Skip();
        }

        return fields.ToMessage();
    }

    private string ReadSource(ref Utf8JsonReader reader)
    {
        // Every line of a connection has the same source.
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(_lastSource))
            return _lastSource;
        return _lastSource = CtrlMessageFields.CurrentString(ref reader, "Source");
    }

    private static void ReadIoType(ref Utf8JsonReader reader, ref CtrlMessageFields fields)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && WireNames.ParseStream(reader.ValueSpan) is { } stream)
            fields.Stream = stream;
        else
            fields.OtherIoType = CtrlMessageFields.CurrentString(ref reader, "IOType");
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lowerCase) =>
        name.Length == lowerCase.Length && Ascii.EqualsIgnoreCase(name, lowerCase);

    private static string Describe(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "array",
        JsonTokenType.StartObject => "object",
        JsonTokenType.String => "string",
        JsonTokenType.Number => "number",
        JsonTokenType.True or JsonTokenType.False => "boolean",
        _ => "null",
    };
}
