using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Osmo.Protocol.Backend;

/// <summary>What a text frame turned out to be.</summary>
public abstract record DecodedMessage
{
    private DecodedMessage()
    {
    }

    /// <param name="Uuid">Null when the sender gave none; then there is nothing to acknowledge.</param>
    public sealed record Accepted(BackendMessage Message, string? Uuid) : DecodedMessage;

    /// <summary>A sound envelope of a type that is not known here; to be acknowledged and ignored.</summary>
    public sealed record UnknownType(string Type, string? Uuid) : DecodedMessage;

    /// <summary>A known type whose body does not fit; <paramref name="Error"/> names key and reason.</summary>
    public sealed record InvalidBody(string Type, string? Uuid, string Error) : DecodedMessage;

    public sealed record InvalidEnvelope(string Error) : DecodedMessage;
}

/// <summary>
/// JSON text frames <c>{"type", "body", "uuid"}</c> (contract: backend-protocol §3). Strict in both directions: keys are exact,
/// unknown ones are refused.
/// </summary>
public static class BackendCodec
{
    private static readonly FrozenDictionary<string, JsonTypeInfo> BodyByType = new Dictionary<string, JsonTypeInfo>
    {
        ["init"] = BackendJson.Default.Init,
        ["logging"] = BackendJson.Default.Logging,
        ["update_pod"] = BackendJson.Default.UpdatePod,
        ["monitor_pod"] = BackendJson.Default.MonitorPod,
        ["pod_conditions"] = BackendJson.Default.PodConditions,
        ["pod_event"] = BackendJson.Default.PodEvent,
        ["resource"] = BackendJson.Default.Resource,
        ["resource_usage"] = BackendJson.Default.ResourceUsage,
        ["delete_resource"] = BackendJson.Default.DeleteResource,
        ["node_hash"] = BackendJson.Default.NodeHash,
        ["heartbeat"] = BackendJson.Default.Heartbeat,
        ["task_list"] = BackendJson.Default.TaskList,
        ["metrics"] = BackendJson.Default.Metrics,
        ["pod_log"] = BackendJson.Default.PodLog,
        ["job_status"] = BackendJson.Default.JobStatus,
        ["ack"] = BackendJson.Default.Ack,
        ["node_conditions"] = BackendJson.Default.NodeConditions,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, string> TypeOfBody = BodyByType.ToFrozenDictionary(pair => pair.Value.Type, pair => pair.Key);

    /// <summary>All wire types there are.</summary>
    public static IReadOnlyCollection<string> Types => BodyByType.Keys;

    /// <summary>The wire name of a message's type, such as <c>update_pod</c>.</summary>
    public static string TypeOf(BackendMessage message) => TypeOfBody[message.GetType()];

    /// <returns>UTF-8 text of one frame.</returns>
    public static ReadOnlyMemory<byte> Encode(BackendMessage message, string uuid)
    {
        var type = TypeOf(message);
        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WritePropertyName("body"u8);
        JsonSerializer.Serialize(writer, message, BodyByType[type]);
        writer.WriteString("uuid"u8, uuid);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Reads one text frame; never throws on bad input.</summary>
    public static DecodedMessage Decode(ReadOnlySpan<byte> frame)
    {
        Envelope? envelope;
        try
        {
            envelope = JsonSerializer.Deserialize(frame, BackendJson.Default.Envelope);
        }
        catch (JsonException e)
        {
            return new DecodedMessage.InvalidEnvelope(e.Message);
        }

        return envelope switch
        {
            null => new DecodedMessage.InvalidEnvelope("A message is a JSON object with the keys type, body and uuid, not null."),
            { Body.ValueKind: not JsonValueKind.Object } => new DecodedMessage.InvalidEnvelope("The key 'body' of a message is a JSON object."),
            _ => DecodeBody(envelope),
        };
    }

    private static DecodedMessage DecodeBody(Envelope envelope)
    {
        if (!BodyByType.TryGetValue(envelope.Type, out var body))
        {
            return new DecodedMessage.UnknownType(envelope.Type, envelope.Uuid);
        }

        try
        {
            var message = (BackendMessage)envelope.Body.Deserialize(body)!;
            return new DecodedMessage.Accepted(message, envelope.Uuid);
        }
        catch (JsonException e)
        {
            return new DecodedMessage.InvalidBody(envelope.Type, envelope.Uuid, e.Message);
        }
    }
}
