using System.Net.WebSockets;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Connection;

/// <summary>One open WebSocket to the control plane; sends from any task, receives from one.</summary>
/// <param name="parallelJobs">On how many connections the control plane hands out jobs: see <see cref="WorkerFrame.ParallelJobsHeader"/>.</param>
/// <param name="stream">What the socket writes to.</param>
/// <param name="whileOpen">Disposed with the connection.</param>
internal sealed class OperatorSocket(WebSocket socket, int parallelJobs, GatheringStream stream, int frameBytesMax, params IReadOnlyList<IDisposable> whileOpen) : IDisposable
{
    private const int BlockBytes = 16 << 10;

    private readonly SemaphoreSlim _sending = new(1);

    /// <inheritdoc cref="OperatorSocket" path="/param[@name='parallelJobs']"/>
    public int ParallelJobs => parallelJobs;

    public Task SendAsync(BackendMessage message, CancellationToken cancellation) => SendAsync(message, NewUuid(), cancellation);

    public async Task SendAsync(BackendMessage message, string uuid, CancellationToken cancellation)
    {
        var frame = BackendCodec.Encode(message, uuid);
        await _sending.WaitAsync(cancellation);
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, cancellation);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Sends messages in their order, together.</summary>
    public async Task SendAllAsync(IReadOnlyList<(string Uuid, BackendMessage Message)> messages, CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            stream.Gather();
            foreach (var (uuid, message) in messages)
            {
                await socket.SendAsync(BackendCodec.Encode(message, uuid), WebSocketMessageType.Text, endOfMessage: true, cancellation);
            }

            await stream.PassOnAsync(cancellation);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>The next whole frame.</summary>
    /// <exception cref="WebSocketException">The connection ended, or a frame is larger than allowed.</exception>
    public async Task<(ReadOnlyMemory<byte> Frame, bool IsBinary)> ReceiveAsync(CancellationToken cancellation)
    {
        var frame = new MemoryStream();
        var block = new byte[BlockBytes];
        while (true)
        {
            var received = await socket.ReceiveAsync(block.AsMemory(), cancellation);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                throw new WebSocketException(
                    WebSocketError.ConnectionClosedPrematurely,
                    $"Closed by the control plane: {socket.CloseStatusDescription ?? socket.CloseStatus?.ToString()}");
            }

            frame.Write(block, 0, received.Count);
            if (frame.Length > frameBytesMax)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, $"A frame has at most {frameBytesMax} bytes.", cancellation);
                throw new WebSocketException(WebSocketError.InvalidMessageType, $"A frame of more than {frameBytesMax} bytes came.");
            }

            if (received.EndOfMessage)
            {
                return (frame.GetBuffer().AsMemory(0, (int)frame.Length), received.MessageType == WebSocketMessageType.Binary);
            }
        }
    }

    /// <summary>Says goodbye when that can be done at once.</summary>
    public async Task CloseAsync(TimeSpan patience, TimeProvider time)
    {
        using var timeout = new CancellationTokenSource(patience, time);
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "The operator stops.", timeout.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // It is gone already, which is as good.
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        foreach (var part in whileOpen)
        {
            part.Dispose();
        }

        _sending.Dispose();
    }

    public static string NewUuid() => Guid.NewGuid().ToString("N");
}
