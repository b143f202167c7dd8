using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.PodSocket;

/// <summary>Reads the stream of JSON objects on the pod's socket; white space between them is irrelevant.</summary>
internal sealed class PodMessageReader(Socket socket)
{
    /// <summary>More than any message can be: a line of 32 KiB with every byte escaped.</summary>
    private const int MaximumMessageBytes = 1024 * 1024;

    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next message, or null when the other side closed the connection.</summary>
    /// <exception cref="JsonException">What came is no message.</exception>
    /// <exception cref="SocketException">The connection broke.</exception>
    public async ValueTask<PodMessage?> Read(CancellationToken cancellation)
    {
        while (true)
        {
            if (TryParse(out var message))
                return message;
            MakeRoom();
            var count = await socket.ReceiveAsync(_buffer.AsMemory(_end), cancellation);
            if (count == 0)
            {
                return _start == _end ? null : throw new JsonException("unexpected end of the stream within a message.");
            }

            _end += count;
        }
    }

    private bool TryParse(out PodMessage? message)
    {
        message = null;
        while (_start < _end && _buffer[_start] is (byte)'\n' or (byte)'\r' or (byte)' ' or (byte)'\t')
            _start++;
        if (_start == _end)
            return false;
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), isFinalBlock: false, state: default);
        var fields = default(Fields);
        if (!fields.TryRead(ref reader))
            return false;
        _start += (int)reader.BytesConsumed;
        message = fields.ToMessage();
        return true;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end < _buffer.Length)
            return;
        if (_buffer.Length >= MaximumMessageBytes)
            throw new JsonException($"a message is longer than {MaximumMessageBytes} bytes.");
        Array.Resize(ref _buffer, _buffer.Length * 2);
    }

    private struct Fields
    {
        private string? _type;
        private string? _output;
        private string? _error;
        private string? _operations;
        private string? _folder;
        private string? _command;
        private bool _rsync;

        /// <summary>False when the object is not complete yet.</summary>
        public bool TryRead(ref Utf8JsonReader reader)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("a message must be a JSON object.");
            while (true)
            {
                if (!reader.Read())
                    return false;
                if (reader.TokenType == JsonTokenType.EndObject)
                    return true;
                var name = reader.ValueSpan;
                if (!reader.Read())
                    return false;
                if (!TryReadValue(ref reader, name))
                    return false;
            }
        }

        public readonly PodMessage ToMessage() => _type switch
        {
            "MessageOut" => new PodMessage.Output(LogStream.Stdout, _output ?? ""),
            "MessageErr" => new PodMessage.Output(LogStream.Stderr, _error ?? ""),
            "MessageOps" => new PodMessage.Output(LogStream.OsmoCtrl, _operations ?? ""),
            "ExecStart" => new PodMessage.ExecStart(_folder ?? ""),
            "CtrlFailed" => new PodMessage.CtrlFailed(),
            "UserExecStart" => new PodMessage.UserExecStart(_command ?? ""),
            "UserStop" => new PodMessage.UserStop(),
            "UserStart" => new PodMessage.UserStart(),
            "UserRsyncStatus" => new PodMessage.UserRsyncStatus(_rsync),
            "UserStopFinished" => new PodMessage.UserStopFinished(),
            "ExecFinished" => new PodMessage.ExecFinished(),
            "ExecFailed" => new PodMessage.ExecFailed(_error ?? ""),
            null => throw new JsonException("member Type is missing."),
            var other => throw new JsonException($"message type '{other}' is unknown."),
        };

        private bool TryReadValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.String:
                    SetText(ref reader, name);
                    return true;
                case JsonTokenType.True or JsonTokenType.False when Ascii.EqualsIgnoreCase(name, "RsyncRunning"u8):
                    _rsync = reader.GetBoolean();
                    return true;
                default:
                    return reader.TrySkip();
            }
        }

        private void SetText(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
        {
            if (reader.ValueSpan.IsEmpty)
                return;
            if (Ascii.EqualsIgnoreCase(name, "Type"u8))
                _type = TypeName(ref reader);
            else if (Ascii.EqualsIgnoreCase(name, "MessageOut"u8))
                _output = reader.GetString();
            else if (Ascii.EqualsIgnoreCase(name, "MessageErr"u8))
                _error = reader.GetString();
            else if (Ascii.EqualsIgnoreCase(name, "MessageOps"u8))
                _operations = reader.GetString();
            else if (Ascii.EqualsIgnoreCase(name, "OutputFolder"u8))
                _folder = reader.GetString();
            else if (Ascii.EqualsIgnoreCase(name, "Command"u8))
                _command = reader.GetString();
        }

        /// <summary>Nearly every message is a line: no string is made for its type.</summary>
        private static string? TypeName(ref Utf8JsonReader reader) =>
            reader.ValueTextEquals("MessageOut"u8) ? "MessageOut"
            : reader.ValueTextEquals("MessageErr"u8) ? "MessageErr"
            : reader.GetString();
    }
}
