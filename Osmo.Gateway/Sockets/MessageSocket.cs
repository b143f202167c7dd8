using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Osmo.Gateway.Sockets;

/// <summary>
/// A WebSocket as a sequence of whole messages: one reader, any number of writers, bounded message size, bounded patience with a peer that
/// does not read. It reads ahead, since pings are answered only while a read is under way: a peer must not take a busy receiver for a dead one.
/// </summary>
/// <param name="messageBytesMax">Largest message.</param>
/// <param name="aheadBytesMax">Read and not yet received. Beyond it nothing is read, so that the peer waits in the end, and pings are not answered.</param>
internal sealed class MessageSocket(WebSocket socket, int messageBytesMax, int aheadBytesMax, TimeProvider time) : IDisposable
{
    /// <summary>How long one send may take before the connection is given up.</summary>
    private static readonly TimeSpan SendPatience = TimeSpan.FromSeconds(30);

    /// <summary>How long the peer may take to answer the end of the connection.</summary>
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of a close reason, which RFC 6455 §5.5 limits.</summary>
    private const int ReasonBytesMax = 123;

    private const int ReadBlock = 4096;

    /// <summary>A read buffer above this is given away with its message instead of being copied.</summary>
    private const int KeptBufferBytesMax = 256 << 10;

    private readonly SemaphoreSlim _sending = new(1);
    private readonly ReadAhead _ahead = new(aheadBytesMax);
    private ArrayBufferWriter<byte> _message = new(ReadBlock);
    private Task? _reading;

    /// <summary>The next whole message; null once the peer has closed.</summary>
    /// <remarks>To cancel a read of the socket itself would break the connection, and no farewell could be sent; so a cancelled wait leaves
    /// the reading going.</remarks>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="MessageTooBigException">The message is larger than allowed; the connection cannot go on.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> Receive(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _reading ??= Read();
        return await _ahead.Take(cancellation);
    }

    public Task SendText(ReadOnlyMemory<byte> message, CancellationToken cancellation) =>
        Send(message, WebSocketMessageType.Text, cancellation);

    /// <summary>Sends messages in their order, with none between them.</summary>
    public Task SendTexts(IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellation) =>
        Send(messages, WebSocketMessageType.Text, cancellation);

    public Task SendBinary(ReadOnlyMemory<byte> message, CancellationToken cancellation) =>
        Send(message, WebSocketMessageType.Binary, cancellation);

    /// <summary>Says farewell and goes on receiving, to the end: what the peer said before it heard of it. Nothing can be sent any more.</summary>
    public async Task Leave(int code, string reason)
    {
        using var patience = new CancellationTokenSource(ClosePatience, time);
        await SayFarewell(code, reason, patience.Token);
    }

    /// <summary>Says farewell and waits for the peer's, so that it surely gets ours. One that does not answer is left.</summary>
    public async Task Close(int code, string reason)
    {
        using var patience = new CancellationTokenSource(ClosePatience, time);
        _ahead.End();
        try
        {
            await SayFarewell(code, reason, patience.Token);
            if (socket.State == WebSocketState.CloseSent)
            {
                await (_reading ??= Read()).WaitAsync(patience.Token);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            socket.Abort();
        }
    }

    public void Dispose()
    {
        _ahead.End();
        socket.Dispose();
        _sending.Dispose();
    }

    private async Task SayFarewell(int code, string reason, CancellationToken patience)
    {
        await _sending.WaitAsync(patience);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync((WebSocketCloseStatus)code, Cut(reason), patience);
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Reads until the peer has closed or the connection breaks, which is told to the receiver. What nobody wants any more is read to its end all the same: to hang up
    /// in the middle of it would lose the reason on its way.</summary>
    private async Task Read()
    {
        try
        {
            while (await socket.ReceiveAsync(_message.GetMemory(ReadBlock), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } received)
            {
                _message.Advance(received.Count);
                if (_message.WrittenCount > messageBytesMax)
                {
                    _ahead.End(new MessageTooBigException($"A message may have at most {messageBytesMax} bytes."));
                }

                if (_ahead.IsOver)
                {
                    _message.ResetWrittenCount();
                }
                else if (received.EndOfMessage)
                {
                    await _ahead.Add(TakeMessage());
                }
            }

            _ahead.End();
        }
        catch (Exception e)
        {
            _ahead.End(e);
        }
    }

    private ReadOnlyMemory<byte> TakeMessage()
    {
        ReadOnlyMemory<byte> message;
        if (_message.Capacity > KeptBufferBytesMax)
        {
            message = _message.WrittenMemory;
            _message = new(ReadBlock);
        }
        else
        {
            message = _message.WrittenSpan.ToArray();
            _message.ResetWrittenCount();
        }

        return message;
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
