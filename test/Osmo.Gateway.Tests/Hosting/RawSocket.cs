using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Osmo.Gateway.Tests.Hosting;

/// <summary>A WebSocket client that shows frames as they are (RFC 6455 §5.2), pings and pongs too; every wait is bounded.</summary>
internal sealed class RawSocket : IDisposable
{
    public const int Text = 1;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    private const byte Final = 0x80;
    private const byte Masked = 0x80;
    private const int LengthIn16Bits = 126;
    private const int LengthIn64Bits = 127;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly TcpClient _client = new();

    private NetworkStream Stream => _client.GetStream();

    public static async Task<RawSocket> Connect(Uri server, string path)
    {
        var socket = new RawSocket();
        await socket._client.ConnectAsync(server.Host, server.Port);
        await socket.Stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"));
        var answer = new StringBuilder();
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            answer.Append((char)(await socket.Read(1))[0]);
        }

        Assert.StartsWith("HTTP/1.1 101 ", answer.ToString(), StringComparison.Ordinal);
        return socket;
    }

    /// <summary>Sends a frame, masked with zeros.</summary>
    public async Task Send(int opcode, ReadOnlyMemory<byte> payload)
    {
        Assert.True(payload.Length <= ushort.MaxValue);
        var isShort = payload.Length < LengthIn16Bits;
        var frame = new byte[(isShort ? 6 : 8) + payload.Length];
        frame[0] = (byte)(Final | opcode);
        frame[1] = (byte)(Masked | (isShort ? payload.Length : LengthIn16Bits));
        if (!isShort)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }

        payload.CopyTo(frame.AsMemory(frame.Length - payload.Length));
        using var patience = new CancellationTokenSource(Patience);
        await Stream.WriteAsync(frame, patience.Token);
    }

    public async Task<(int Opcode, byte[] Payload)> Receive()
    {
        var head = await Read(2);
        var length = head[1] switch
        {
            LengthIn16Bits => BinaryPrimitives.ReadUInt16BigEndian(await Read(sizeof(ushort))),
            LengthIn64Bits => (int)BinaryPrimitives.ReadUInt64BigEndian(await Read(sizeof(ulong))),
            var small => small,
        };
        return (head[0] & 0x0f, await Read(length));
    }

    public void Dispose() => _client.Dispose();

    private async Task<byte[]> Read(int length)
    {
        var bytes = new byte[length];
        using var patience = new CancellationTokenSource(Patience);
        await Stream.ReadExactlyAsync(bytes, patience.Token);
        return bytes;
    }
}
