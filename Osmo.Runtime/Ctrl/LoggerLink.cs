using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Osmo.Protocol.Runtime;
using Osmo.Runtime.Arguments;

namespace Osmo.Runtime.Ctrl;

/// <summary>
/// Keeps the WebSocket to the control plane, over any number of connections: sends the buffer, hands actions on (contract: runtime-protocol
/// §7).
/// </summary>
internal sealed class LoggerLink(
    CtrlArguments arguments,
    LogBuffer buffer,
    TaskLog log,
    AccessToken token,
    HttpMessageInvoker http,
    ILoggerActions actions,
    TimeProvider time)
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>A connection that lasted less counts as one more failed try.</summary>
    private static readonly TimeSpan ShortestUsefulConnection = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _firstConnection = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Backoff _backoff = new(Random.Shared);
    private volatile ClientWebSocket? _current;
    private volatile bool _closing;

    public Task FirstConnection => _firstConnection.Task;

    public bool IsConnected => _current is not null;

    /// <summary>Runs until <see cref="Close"/> or cancellation.</summary>
    /// <exception cref="CtrlFailure">The logger was out of reach for the time allowed.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        var brokenSince = time.GetTimestamp();
        while (!_closing)
        {
            using var socket = await TryDial(brokenSince, cancellation);
            if (socket is null)
                continue;
            var connectedAt = time.GetTimestamp();
            await Serve(socket, cancellation);
            if (time.GetElapsedTime(connectedAt) < ShortestUsefulConnection)
                continue;
            brokenSince = time.GetTimestamp();
            _backoff.Reset();
        }
    }

    /// <summary>Says goodbye; there is nothing more to send.</summary>
    public async Task Close()
    {
        _closing = true;
        if (_current is not { } socket)
            return;
        try
        {
            using var limit = new CancellationTokenSource(CloseTimeout, time);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception exception) when (IsBreak(exception))
        {
            log.Note($"Logger connection did not close: {exception.Message}");
        }
    }

    private async Task<ClientWebSocket?> TryDial(long brokenSince, CancellationToken cancellation)
    {
        if (_backoff.Failures > 0)
            await Task.Delay(_backoff.Next(), time, cancellation);
        else
            _backoff.Next();
        var socket = new ClientWebSocket();
        using var limit = new CancellationTokenSource(DialTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            var jwt = await token.Get(either.Token);
            var bearer = arguments.TokenHeader.Equals("Authorization", StringComparison.OrdinalIgnoreCase);
            socket.Options.SetRequestHeader(arguments.TokenHeader, bearer ? $"Bearer {jwt}" : jwt);
            socket.Options.SetRequestHeader(LoggerProtocol.LineAcksHeader, LoggerProtocol.LineAcksVersion);
            socket.Options.SetRequestHeader(LoggerProtocol.ResumeHeader, $"{buffer.Rewind()}");
            socket.Options.KeepAliveInterval = KeepAlive;
            socket.Options.KeepAliveTimeout = KeepAlive;
            socket.Options.CollectHttpResponseDetails = true;
            await socket.ConnectAsync(arguments.LoggerAddress, http, either.Token);
            return socket;
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested && IsBreak(exception))
        {
            if (socket.HttpStatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                token.Forget();
            socket.Dispose();
            log.Note($"Logger at {arguments.LoggerAddress.Authority} is out of reach: {exception.Message}");
            return time.GetElapsedTime(brokenSince) < arguments.LoggerTimeout
                ? null
                : throw new CtrlFailure(
                    CtrlExitCode.LoggerTimeout, $"Logger was out of reach for {arguments.LoggerTimeout.TotalMinutes} minutes.", exception);
        }
    }

    private async Task Serve(ClientWebSocket socket, CancellationToken cancellation)
    {
        var acknowledged = socket.HttpResponseHeaders?.Any(header =>
            header.Key.Equals(LoggerProtocol.LineAcksHeader, StringComparison.OrdinalIgnoreCase)
            && header.Value.Contains(LoggerProtocol.LineAcksVersion)) ?? false;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var receiving = Receive(socket, acknowledged, stop.Token);
        var sending = Send(socket, acknowledged, stop.Token);
        _current = socket;
        // Before anybody hears of the connection, so that it is the first line on it.
        var greeting = log.Write(LogStream.OsmoCtrl, $"Websocket Connection: {_backoff.Failures - 1}", stop.Token).AsTask();
        _firstConnection.TrySetResult();
        actions.Connected();
        await Task.WhenAny(receiving, sending);
        _current = null;
        await stop.CancelAsync();
        await IgnoreBreak(receiving);
        await IgnoreBreak(sending);
        await IgnoreBreak(greeting);
        cancellation.ThrowIfCancellationRequested();
    }

    private async Task Send(ClientWebSocket socket, bool acknowledged, CancellationToken cancellation)
    {
        const int MaximumBatch = 1024;

        // Encoding at most doubles this; with one longest line on top a frame stays under LoggerProtocol.MaximumFrameBytes.
        const int FrameTargetBytes = 64 * 1024;
        using var encoder = new CtrlMessageEncoder();
        var batch = new List<CtrlMessage>();
        while (true)
        {
            batch.Clear();
            await buffer.Take(batch, acknowledged ? MaximumBatch : 1, cancellation);
            foreach (var message in batch)
            {
                encoder.Append(message);
                if (!acknowledged || encoder.PendingBytes >= FrameTargetBytes)
                    await socket.SendAsync(encoder.TakeFrame(), WebSocketMessageType.Text, endOfMessage: true, cancellation);
            }

            if (encoder.PendingBytes > 0)
                await socket.SendAsync(encoder.TakeFrame(), WebSocketMessageType.Text, endOfMessage: true, cancellation);
            if (!acknowledged)
                buffer.Written();
        }
    }

    private async Task Receive(ClientWebSocket socket, bool acknowledged, CancellationToken cancellation)
    {
        const int MaximumActionBytes = 1024 * 1024;
        var bytes = new byte[4096];
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(bytes.AsMemory(length), cancellation);
            if (received.MessageType == WebSocketMessageType.Close)
                return;
            length += received.Count;
            if (received.EndOfMessage)
            {
                if (!Handle(bytes.AsSpan(0, length), acknowledged))
                    return;
                length = 0;
            }
            else if (length == bytes.Length)
            {
                if (length >= MaximumActionBytes)
                    throw new WebSocketException($"An action is longer than {MaximumActionBytes} bytes.");
                Array.Resize(ref bytes, bytes.Length * 2);
            }
        }
    }

    /// <summary>False when the server broke the rules and the connection must end.</summary>
    private bool Handle(ReadOnlySpan<byte> frame, bool acknowledged)
    {
        if (!RuntimeActionCodec.TryDecode(frame, out var action, out var error))
        {
            log.Note(error);
            return true;
        }

        if (action is not RuntimeAction.LogAck ack)
        {
            actions.Handle(action);
            return true;
        }

        if (!acknowledged || buffer.Acknowledge(ack.Count))
            return true;
        log.Note($"The logger acknowledged {ack.Count} lines, which is more than were sent.");
        return false;
    }

    private async Task IgnoreBreak(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception) when (IsBreak(exception))
        {
            if (exception is not OperationCanceledException)
                log.Note($"Logger connection broke: {exception.Message}");
        }
    }

    /// <summary>A <see cref="SocketException"/> comes bare from a connection that was reset in the moment it was made.</summary>
    private static bool IsBreak(Exception exception) => exception is WebSocketException or HttpRequestException or SocketException or IOException
        or TokenRefusedException or OperationCanceledException;
}
