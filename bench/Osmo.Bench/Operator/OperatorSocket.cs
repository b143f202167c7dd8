using System.Net.WebSockets;
using Osmo.Bench.Server;
using Osmo.Protocol.Backend;

namespace Osmo.Bench.Operator;

/// <summary>One WebSocket of the simulated operator, registered.</summary>
internal sealed class OperatorSocket : IDisposable
{
    private static readonly BackendMessage.Init Init = new("bench-cluster", "osmo-bench", "6.4.0", "");

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private byte[] _buffer = new byte[64 << 10];

    private OperatorSocket()
    {
    }

    /// <param name="path">What stands between <c>/api/agent/</c> and the backend, such as <c>listener/pod</c>.</param>
    public static async Task<OperatorSocket> Connect(Uri server, string path)
    {
        var socket = new OperatorSocket();
        socket._socket.Options.SetRequestHeader("x-osmo-user", "bench-operator");
        var address = new UriBuilder(server) { Scheme = "ws", Path = $"/api/agent/{path}/backend/{ServedConfiguration.Backend}" }.Uri;
        await socket._socket.ConnectAsync(address, CancellationToken.None);
        await socket.Send(Init, NewUuid());
        return socket;
    }

    public static string NewUuid() => Guid.NewGuid().ToString("N");

    public async Task Send(BackendMessage message, string uuid)
    {
        var frame = BackendCodec.Encode(message, uuid);
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next whole frame, valid until the next call; null when the server has closed.</summary>
    public async Task<(ReadOnlyMemory<byte> Frame, bool IsBinary)?> Receive(CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellation);
            if (received.MessageType == WebSocketMessageType.Close) return null;
            length += received.Count;
            if (received.EndOfMessage) return (_buffer.AsMemory(0, length), received.MessageType == WebSocketMessageType.Binary);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sending.Dispose();
    }
}
