using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Osmo.Protocol.Runtime;

/// <summary>
/// Actions as single-encoded JSON objects (contract: runtime-protocol §7.4). The frame's type is <see cref="RuntimeAction.IsTextFrame"/>.
/// </summary>
public static class RuntimeActionCodec
{
    public static byte[] Encode(RuntimeAction action)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Write(json, action);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads an action from a text or a binary frame. Names are matched in any case, unknown members ignored, absent ones empty.
    /// </summary>
    public static bool TryDecode(
        ReadOnlySpan<byte> frame, [NotNullWhen(true)] out RuntimeAction? action, [NotNullWhen(false)] out string? error)
    {
        try
        {
            action = RuntimeActionFields.Read(frame).ToAction();
            error = null;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            action = null;
            error = $"Bad action: {exception.Message}";
            return false;
        }
    }

    private static void Write(Utf8JsonWriter json, RuntimeAction action)
    {
        switch (action)
        {
            case RuntimeAction.LogDone:
                json.WriteString("action"u8, "log_done"u8);
                break;
            case RuntimeAction.LogAck ack:
                json.WriteString("action"u8, "log_ack"u8);
                json.WriteNumber("count"u8, ack.Count);
                break;
            case RuntimeAction.Barrier:
                json.WriteString("action"u8, "barrier"u8);
                break;
            case RuntimeAction.Restart restart:
                json.WriteString("action"u8, "restart"u8);
                if (restart.Key.Length > 0)
                    json.WriteString("key"u8, restart.Key);
                break;
            case RuntimeAction.Exec exec:
                WriteSession(json, "exec"u8, exec.RouterAddress, exec.Key, exec.Cookie);
                json.WriteString("entry_command"u8, exec.EntryCommand);
                break;
            case RuntimeAction.PortForward forward:
                WriteSession(json, "portforward"u8, forward.RouterAddress, forward.Key, forward.Cookie);
                json.WriteNumber("task_port"u8, forward.TaskPort);
                json.WriteBoolean("use_udp"u8, forward.UseUdp);
                break;
            case RuntimeAction.Webserver web:
                WriteSession(json, "webserver"u8, web.RouterAddress, web.Key, web.Cookie);
                json.WriteNumber("task_port"u8, web.TaskPort);
                break;
            case RuntimeAction.Rsync rsync:
                WriteSession(json, "rsync"u8, rsync.RouterAddress, rsync.Key, rsync.Cookie);
                json.WriteBoolean("enable_telemetry"u8, rsync.EnableTelemetry);
                break;
            default:
                throw new ArgumentException($"Action {action.GetType().Name} has no wire form.", nameof(action));
        }
    }

    private static void WriteSession(Utf8JsonWriter json, ReadOnlySpan<byte> action, string routerAddress, string key, string cookie)
    {
        json.WriteString("action"u8, action);
        json.WriteString("router_address"u8, routerAddress);
        json.WriteString("key"u8, key);
        json.WriteString("cookie"u8, cookie);
    }
}
