using System.Net.WebSockets;
using Osmo.Bench.Server;

namespace Osmo.Bench.Events;

/// <summary>What a WebSocket of the same server takes for a message of the size of a report, there and back.</summary>
internal sealed class EchoSocket : IDisposable
{
    private const int MessageBytes = 400;

    private readonly ClientWebSocket _socket = new();
    private readonly byte[] _message = new byte[MessageBytes];

    private EchoSocket()
    {
    }

    public static async Task<EchoSocket> Connect(Uri server)
    {
        var echo = new EchoSocket();
        await echo._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = RawEndpoints.Echo }.Uri, CancellationToken.None);
        return echo;
    }

    public async Task RoundTrip()
    {
        await _socket.SendAsync(_message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        while (!(await _socket.ReceiveAsync(_message.AsMemory(), CancellationToken.None)).EndOfMessage)
        {
        }
    }

    public void Dispose() => _socket.Dispose();
}
