using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Osmo.Gateway.Sockets;

/// <summary>A WebSocket as a sequence of whole messages: one reader, any number of writers, bounded message size, bounded patience with a peer that does not read.</summary>
internal sealed class MessageSocket(WebSocket socket, int messageBytesMax, TimeProvider time) : IDisposable
{
    /// <summary>How long one send, or the closing handshake, may take before the connection is given up.</summary>
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of a close reason, which RFC 6455 §5.5 limits.</summary>
    private const int ReasonBytesMax = 123;

    private const int ReadBlock = 4096;

    /// <summary>A read buffer above this is let go after its message.</summary>
    private const int KeptBufferBytesMax = 256 << 10;

    private readonly SemaphoreSlim _sending = new(1);
    private ArrayBufferWriter<byte> _message = new(ReadBlock);

    /// <summary>The next whole message; null once the peer has closed. What it returned before is then overwritten.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="MessageTooBigException">The message is larger than allowed; the connection cannot go on.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> Receive(CancellationToken cancellation)
    {
        if (_message.Capacity > KeptBufferBytesMax)
        {
            _message = new(ReadBlock);
        }

        _message.ResetWrittenCount();
        while (true)
        {
            var received = await socket.ReceiveAsync(_message.GetMemory(ReadBlock), cancellation);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            _message.Advance(received.Count);
            if (_message.WrittenCount > messageBytesMax)
            {
                throw new MessageTooBigException($"A message may have at most {messageBytesMax} bytes.");
            }

            if (received.EndOfMessage)
            {
                return _message.WrittenMemory;
            }
        }
    }

    public Task SendText(ReadOnlyMemory<byte> message, CancellationToken cancellation) => Send(message, WebSocketMessageType.Text, cancellation);

    public Task SendBinary(ReadOnlyMemory<byte> message, CancellationToken cancellation) => Send(message, WebSocketMessageType.Binary, cancellation);

    /// <summary>Closes politely; a peer that does not answer is left.</summary>
    public async Task Close(int code, string reason)
    {
        using var patience = new CancellationTokenSource(SendPatience, time);
        try
        {
            await _sending.WaitAsync(patience.Token);
            try
            {
                if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                {
                    await socket.CloseOutputAsync((WebSocketCloseStatus)code, Cut(reason), patience.Token);
                }
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            socket.Abort();
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _sending.Dispose();
    }

    private async Task Send(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(SendPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        await _sending.WaitAsync(either.Token);
        try
        {
            await socket.SendAsync(message, type, endOfMessage: true, either.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    private static string Cut(string reason)
    {
        if (Encoding.UTF8.GetByteCount(reason) <= ReasonBytesMax)
        {
            return reason;
        }

        var length = reason.Length;
        while (Encoding.UTF8.GetByteCount(reason.AsSpan(0, length)) > ReasonBytesMax || char.IsHighSurrogate(reason[length - 1]))
        {
            length--;
        }

        return reason[..length];
    }
}

/// <summary>A peer sent more than a message may hold.</summary>
internal sealed class MessageTooBigException(string message) : Exception(message);

/// <summary>A peer broke the rules of its protocol so that the connection cannot go on; the message says which.</summary>
internal sealed class ProtocolViolationException(string message, int closeCode = ProtocolViolationException.PolicyViolation) : Exception(message)
{
    /// <summary>RFC 6455 §7.4.1.</summary>
    public const int PolicyViolation = 1008;

    public int CloseCode { get; } = closeCode;
}
