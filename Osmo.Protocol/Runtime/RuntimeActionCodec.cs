using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.Protocol.Runtime;

/// <summary>Actions as single-encoded JSON objects (contract: runtime-protocol §7.4). The frame's type is <see cref="RuntimeAction.IsTextFrame"/>.</summary>
public static class RuntimeActionCodec
{
    private const string AllowedActions = "log_done, log_ack, barrier, restart, exec, portforward, webserver, rsync";

    public static byte[] Encode(RuntimeAction action) => JsonSerializer.SerializeToUtf8Bytes(ToWire(action), RuntimeActionJson.Default.RuntimeActionBody);

    /// <summary>Reads an action from a text or a binary frame. Unknown members are ignored, absent ones are empty.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> frame, [NotNullWhen(true)] out RuntimeAction? action, [NotNullWhen(false)] out string? error)
    {
        action = null;
        try
        {
            action = JsonSerializer.Deserialize(frame, RuntimeActionJson.Default.RuntimeActionBody) is { } body ? FromWire(body) : null;
            error = action is null ? "Bad action: the frame is null; allowed is a JSON object." : null;
        }
        catch (JsonException exception)
        {
            error = $"Bad action: {exception.Message}";
        }

        return action is not null;
    }

    private static RuntimeActionBody ToWire(RuntimeAction action) => action switch
    {
        RuntimeAction.LogDone => new() { Action = "log_done" },
        RuntimeAction.LogAck ack => new() { Action = "log_ack", Count = ack.Count },
        RuntimeAction.Barrier => new() { Action = "barrier" },
        RuntimeAction.Restart => new() { Action = "restart" },
        RuntimeAction.Exec exec => new()
        {
            Action = "exec",
            RouterAddress = exec.RouterAddress,
            Key = exec.Key,
            Cookie = exec.Cookie,
            EntryCommand = exec.EntryCommand,
        },
        RuntimeAction.PortForward forward => new()
        {
            Action = "portforward",
            RouterAddress = forward.RouterAddress,
            Key = forward.Key,
            Cookie = forward.Cookie,
            TaskPort = forward.TaskPort,
            UseUdp = forward.UseUdp,
        },
        RuntimeAction.Webserver web => new()
        {
            Action = "webserver",
            RouterAddress = web.RouterAddress,
            Key = web.Key,
            Cookie = web.Cookie,
            TaskPort = web.TaskPort,
        },
        RuntimeAction.Rsync rsync => new()
        {
            Action = "rsync",
            RouterAddress = rsync.RouterAddress,
            Key = rsync.Key,
            Cookie = rsync.Cookie,
            EnableTelemetry = rsync.EnableTelemetry,
        },
        _ => throw new ArgumentException($"Action {action.GetType().Name} has no wire form.", nameof(action)),
    };

    private static RuntimeAction FromWire(RuntimeActionBody body)
    {
        var (address, key, cookie) = (body.RouterAddress ?? "", body.Key ?? "", body.Cookie ?? "");
        return body.Action switch
        {
            "log_done" => new RuntimeAction.LogDone(),
            "log_ack" => new RuntimeAction.LogAck(body.Count ?? throw new JsonException("member count of log_ack is missing.")),
            "barrier" => new RuntimeAction.Barrier(),
            "restart" => new RuntimeAction.Restart(),
            "exec" => new RuntimeAction.Exec(address, key, cookie, body.EntryCommand ?? ""),
            "portforward" => new RuntimeAction.PortForward(address, key, cookie, body.TaskPort ?? 0, body.UseUdp ?? false),
            "webserver" => new RuntimeAction.Webserver(address, key, cookie, body.TaskPort ?? 0),
            "rsync" => new RuntimeAction.Rsync(address, key, cookie, body.EnableTelemetry ?? false),
            null => throw new JsonException("member action is missing."),
            var other => throw new JsonException($"action is '{other}'; allowed are {AllowedActions}."),
        };
    }
}

/// <summary>Every member an action may have on the wire; absent when unused.</summary>
internal sealed record RuntimeActionBody
{
    [JsonPropertyName("action")]
    public string? Action { get; init; }

    [JsonPropertyName("count")]
    public long? Count { get; init; }

    [JsonPropertyName("router_address")]
    public string? RouterAddress { get; init; }

    [JsonPropertyName("key")]
    public string? Key { get; init; }

    [JsonPropertyName("cookie")]
    public string? Cookie { get; init; }

    [JsonPropertyName("entry_command")]
    public string? EntryCommand { get; init; }

    [JsonPropertyName("task_port")]
    public int? TaskPort { get; init; }

    [JsonPropertyName("use_udp")]
    public bool? UseUdp { get; init; }

    [JsonPropertyName("enable_telemetry")]
    public bool? EnableTelemetry { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(RuntimeActionBody))]
internal sealed partial class RuntimeActionJson : JsonSerializerContext;
