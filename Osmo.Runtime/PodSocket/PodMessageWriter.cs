using System.Buffers;
using System.Net.Sockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.PodSocket;

/// <summary>Writes messages to the pod's socket. Safe from several threads; a slow reader makes the writer wait.</summary>
internal sealed class PodMessageWriter(Socket socket) : IDisposable
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly Utf8JsonWriter _json = new(Stream.Null, Options);

    /// <summary>Sends one message.</summary>
    /// <exception cref="SocketException">The other side is gone.</exception>
    public void Send(PodMessage message)
    {
        lock (_gate)
        {
            Append(message);
            SendBuffer();
        }
    }

    /// <summary>Sends lines of the user's command together, as one chunk of a pipe gave them.</summary>
    public void Send(LogStream stream, ReadOnlySpan<byte> text, ReadOnlySpan<int> lineLengths)
    {
        lock (_gate)
        {
            foreach (var length in lineLengths)
            {
                AppendLine(stream, text[..length]);
                text = text[length..];
            }

            SendBuffer();
        }
    }

    public void Dispose() => _json.Dispose();

    private void SendBuffer()
    {
        var bytes = _buffer.WrittenSpan;
        while (!bytes.IsEmpty)
            bytes = bytes[socket.Send(bytes)..];
        _buffer.ResetWrittenCount();
    }

    private void AppendLine(LogStream stream, ReadOnlySpan<byte> text)
    {
        var isError = stream == LogStream.Stderr;
        Write(isError ? "MessageErr"u8 : "MessageOut"u8, output: isError ? default : text, error: isError ? text : default);
    }

    private void Append(PodMessage message)
    {
        switch (message)
        {
            case PodMessage.ExecStart start:
                Write("ExecStart"u8, folder: start.OutputFolder);
                break;
            case PodMessage.CtrlFailed:
                Write("CtrlFailed"u8);
                break;
            case PodMessage.UserExecStart start:
                Write("UserExecStart"u8, command: start.Command);
                break;
            case PodMessage.UserStop:
                Write("UserStop"u8);
                break;
            case PodMessage.UserStart:
                Write("UserStart"u8);
                break;
            case PodMessage.Output { Stream: LogStream.OsmoCtrl } output:
                Write("MessageOps"u8, operations: output.Text);
                break;
            case PodMessage.Output output:
                AppendLine(output.Stream, Encoding.UTF8.GetBytes(output.Text));
                break;
            case PodMessage.UserRsyncStatus status:
                Write("UserRsyncStatus"u8, rsync: status.Running);
                break;
            case PodMessage.UserStopFinished:
                Write("UserStopFinished"u8);
                break;
            case PodMessage.ExecFinished:
                Write("ExecFinished"u8);
                break;
            case PodMessage.ExecFailed failed:
                Write("ExecFailed"u8, error: Encoding.UTF8.GetBytes(failed.Error));
                break;
            default:
                throw new ArgumentException($"Message {message.GetType().Name} has no wire form.", nameof(message));
        }
    }

    /// <summary>All nine members, unused ones empty, as upstream's peers expect them.</summary>
    private void Write(
        ReadOnlySpan<byte> type,
        ReadOnlySpan<byte> output = default,
        ReadOnlySpan<byte> error = default,
        string operations = "",
        string folder = "",
        string command = "",
        bool rsync = false)
    {
        _json.Reset(_buffer);
        _json.WriteStartObject();
        _json.WriteString("Type"u8, type);
        _json.WriteString("MessageOut"u8, output);
        _json.WriteString("MessageErr"u8, error);
        _json.WriteString("MessageOps"u8, operations);
        _json.WriteString("OutputFolder"u8, folder);
        _json.WriteString("RouterAddress"u8, ""u8);
        _json.WriteString("Command"u8, command);
        _json.WriteNumber("TaskPort"u8, 0);
        _json.WriteBoolean("RsyncRunning"u8, rsync);
        _json.WriteEndObject();
        _json.Flush();
        _buffer.Write("\n"u8);
    }
}
