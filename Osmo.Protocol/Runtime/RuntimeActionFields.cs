using System.Text;
using System.Text.Json;

namespace Osmo.Protocol.Runtime;

/// <summary>The members of one action, as they come, before its kind is known.</summary>
internal struct RuntimeActionFields
{
    private const string AllowedActions = "log_done, log_ack, barrier, restart, exec, portforward, webserver, rsync";

    private string? _action;
    private long? _count;
    private string? _routerAddress;
    private string? _key;
    private string? _cookie;
    private string? _entryCommand;
    private long? _taskPort;
    private bool _useUdp;
    private bool _enableTelemetry;

    public static RuntimeActionFields Read(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(frame);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("the frame must be a JSON object.");
        var fields = default(RuntimeActionFields);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (!fields.TrySet(name, ref reader))
                reader.Skip();
        }

        return fields;
    }

    public readonly RuntimeAction ToAction()
    {
        var (address, key, cookie) = (_routerAddress ?? "", _key ?? "", _cookie ?? "");
        return _action switch
        {
            "log_done" => new RuntimeAction.LogDone(),
            "log_ack" => new RuntimeAction.LogAck(_count ?? throw new JsonException("member count of log_ack is missing or no integer.")),
            "barrier" => new RuntimeAction.Barrier(),
            "restart" => new RuntimeAction.Restart(key),
            "exec" => new RuntimeAction.Exec(address, key, cookie, _entryCommand ?? ""),
            "portforward" => new RuntimeAction.PortForward(address, key, cookie, Port(), _useUdp),
            "webserver" => new RuntimeAction.Webserver(address, key, cookie, Port()),
            "rsync" => new RuntimeAction.Rsync(address, key, cookie, _enableTelemetry),
            null => throw new JsonException("member action is missing or no string."),
            var other => throw new JsonException($"action is '{other}'; allowed are {AllowedActions}."),
        };
    }

    private readonly int Port() => _taskPort is null ? 0 : _taskPort is >= 0 and <= ushort.MaxValue
        ? (int)_taskPort
        : throw new JsonException($"member task_port is {_taskPort}; allowed are 0 to {ushort.MaxValue}.");

    /// <summary>False when the member is unknown, or of a type that says nothing.</summary>
    private bool TrySet(ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return TrySetText(name, ref reader);
            case JsonTokenType.Number when Is(name, "count"u8) && reader.TryGetInt64(out var count):
                _count = count;
                return true;
            case JsonTokenType.Number when Is(name, "task_port"u8) && reader.TryGetInt64(out var port):
                _taskPort = port;
                return true;
            case JsonTokenType.True when Is(name, "use_udp"u8):
                return _useUdp = true;
            case JsonTokenType.True when Is(name, "enable_telemetry"u8):
                return _enableTelemetry = true;
            default:
                return false;
        }
    }

    private bool TrySetText(ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
    {
        if (Is(name, "action"u8))
            _action = reader.GetString();
        else if (Is(name, "router_address"u8))
            _routerAddress = reader.GetString();
        else if (Is(name, "key"u8))
            _key = reader.GetString();
        else if (Is(name, "cookie"u8))
            _cookie = reader.GetString();
        else if (Is(name, "entry_command"u8))
            _entryCommand = reader.GetString();
        else
            return false;
        return true;
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected) => Ascii.EqualsIgnoreCase(name, expected);
}
