using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Osmo.Gateway.Tests.Hosting;

/// <summary>What a scripted peer does with its socket; every wait is bounded.</summary>
internal static class SocketScript
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static Task SendText(this ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    public static Task SendText(this ClientWebSocket socket, ReadOnlyMemory<byte> text) =>
        socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).AsTask();

    public static async Task<(WebSocketMessageType Type, byte[] Bytes)> Receive(this ClientWebSocket socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var bytes = new MemoryStream();
        var block = new byte[64 << 10];
        while (true)
        {
            var received = await socket.ReceiveAsync(new ArraySegment<byte>(block), patience.Token);
            bytes.Write(block, 0, received.Count);
            if (received.EndOfMessage)
            {
                return (received.MessageType, bytes.ToArray());
            }
        }
    }

    public static async Task<JsonObject> ReceiveJson(this ClientWebSocket socket, WebSocketMessageType type)
    {
        var (received, bytes) = await socket.Receive();
        Assert.Equal(type, received);
        return JsonNode.Parse(bytes)!.AsObject();
    }

    /// <summary>Receives until the peer closes.</summary>
    public static async Task<(int Code, string? Reason)> ReceiveClose(this ClientWebSocket socket)
    {
        while ((await socket.Receive()).Type != WebSocketMessageType.Close)
        {
        }

        return ((int)socket.CloseStatus!, socket.CloseStatusDescription);
    }

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Patience);

    public static Task<T> Soon<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(Patience);

    public static Task Soon(this Task task) => task.WaitAsync(Patience);
}
