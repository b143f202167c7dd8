using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Osmo.Gateway.Sockets;

/// <summary>
/// A WebSocket as a sequence of whole messages: one reader, any number of writers, bounded message size, bounded patience with a peer that
/// does not read.
/// </summary>
internal sealed class MessageSocket(WebSocket socket, int messageBytesMax, TimeProvider time) : IDisposable
{
    /// <summary>How long one send may take before the connection is given up.</summary>
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(30);

    /// <summary>How long the peer may take to answer the end of the connection.</summary>
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of a close reason, which RFC 6455 §5.5 limits.</summary>
    private const int ReasonBytesMax = 123;

    private const int ReadBlock = 4096;

    /// <summary>A read buffer above this is let go after its message.</summary>
    private const int KeptBufferBytesMax = 256 << 10;

    private readonly SemaphoreSlim _sending = new(1);
    private ArrayBufferWriter<byte> _message = new(ReadBlock);
    private Task<ReadOnlyMemory<byte>?>? _reading;
    private bool _isClosing;

    /// <summary>The next whole message; null once the peer has closed. What it returned before is then overwritten.</summary>
    /// <remarks>To cancel a read of the socket itself would break the connection, and no farewell could be sent; so a cancelled wait leaves
    /// the read going.</remarks>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="MessageTooBigException">The message is larger than allowed; the connection cannot go on.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> Receive(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var reading = _reading ??= Read();
        var message = reading.IsCompletedSuccessfully ? reading.Result : await reading.WaitAsync(cancellation);
        _reading = null;
        return message;
    }

    public Task SendText(ReadOnlyMemory<byte> message, CancellationToken cancellation) =>
        Send(message, WebSocketMessageType.Text, cancellation);

    /// <summary>Sends messages in their order, with none between them.</summary>
    public Task SendTexts(IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellation) =>
        Send(messages, WebSocketMessageType.Text, cancellation);

    public Task SendBinary(ReadOnlyMemory<byte> message, CancellationToken cancellation) =>
        Send(message, WebSocketMessageType.Binary, cancellation);

    /// <summary>Says farewell and waits for the peer's, so that it surely gets ours. One that does not answer is left.</summary>
    public async Task Close(int code, string reason)
    {
        using var patience = new CancellationTokenSource(ClosePatience, time);
        _isClosing = true;
        if (_reading is { IsFaulted: true })
        {
            // What was too big is read to its end and thrown away: to hang up in the middle of it would lose the reason on its way.
            _reading = null;
        }

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

            while (socket.State == WebSocketState.CloseSent && await Receive(patience.Token) is not null)
            {
            }
        }
        catch (Exception e) when (
            e is WebSocketException or MessageTooBigException or OperationCanceledException or ObjectDisposedException)
        {
            socket.Abort();
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        _sending.Dispose();
    }

    private async Task<ReadOnlyMemory<byte>?> Read()
    {
        if (_message.Capacity > KeptBufferBytesMax)
        {
            _message = new(ReadBlock);
        }

        _message.ResetWrittenCount();
        while (true)
        {
            var received = await socket.ReceiveAsync(_message.GetMemory(ReadBlock), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            _message.Advance(received.Count);
            if (_isClosing)
            {
                _message.ResetWrittenCount();
            }

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

    private Task Send(ReadOnlyMemory<byte> message, WebSocketMessageType type, CancellationToken cancellation) => Send([message], type, cancellation);

    private async Task Send(IReadOnlyList<ReadOnlyMemory<byte>> messages, WebSocketMessageType type, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(SendPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        await _sending.WaitAsync(either.Token);
        try
        {
            foreach (var message in messages)
            {
                await socket.SendAsync(message, type, endOfMessage: true, either.Token);
            }
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
internal sealed class ProtocolViolationException(
    string message, int closeCode = ProtocolViolationException.PolicyViolation) : Exception(message)
{
    /// <summary>RFC 6455 §7.4.1.</summary>
    public const int PolicyViolation = 1008;

    public int CloseCode { get; } = closeCode;
}
