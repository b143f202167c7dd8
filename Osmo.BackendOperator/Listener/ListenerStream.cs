using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Connection;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>
/// One of the listener's WebSockets with acknowledgements (contract: backend-protocol §4, §5): log line, INIT, what was not
/// acknowledged in its old order and with its old uuids, then the queue; at most a window of messages unacknowledged.
/// </summary>
internal sealed partial class ListenerStream : IDisposable
{
    private readonly string _path;
    private readonly ServiceConnector _connector;
    private readonly BackendMessage.Init _init;
    private readonly ReconnectDelay _delay;
    private readonly ILogger _logger;
    private readonly OutgoingQueue _queue = new();
    private readonly SemaphoreSlim _window;
    private readonly Lock _lock = new();
    private readonly LinkedList<(string Uuid, BackendMessage Message)> _unacked = [];
    private readonly Dictionary<string, LinkedListNode<(string Uuid, BackendMessage Message)>> _unackedByUuid = [];

    /// <param name="name"><c>pod</c>, <c>node</c>, <c>event</c> or <c>heartbeat</c>.</param>
    public ListenerStream(
        string name,
        ServiceConnector connector,
        BackendMessage.Init init,
        BackendOperatorOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _path = $"listener/{name}";
        _connector = connector;
        _init = init;
        _delay = new ReconnectDelay(options.ServiceUrl, time);
        _logger = logger;
        _window = new SemaphoreSlim(options.MaxUnackedMessages);
    }

    /// <inheritdoc cref="OutgoingQueue.EnqueueAsync"/>
    public Task EnqueueAsync(BackendMessage message, CancellationToken cancellation, string? latestOf = null) =>
        _queue.EnqueueAsync(message, latestOf, cancellation);

    /// <summary>Keeps the stream connected until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var socket = await _connector.ConnectAsync(_path, BackendLimits.ListenerFrameBytesMax, cancellation);
                await ServeAsync(socket, cancellation);
            }
            catch (Exception e) when (ServiceConnector.IsConnectionFailure(e, cancellation))
            {
                LogDisconnected(_logger, _path, e.Message);
            }

            await _delay.WaitAsync(cancellation);
        }
    }

    public void Dispose()
    {
        _queue.Dispose();
        _window.Dispose();
    }

    private async Task ServeAsync(OperatorSocket socket, CancellationToken cancellation)
    {
        await socket.SendAsync(new BackendMessage.Logging(LoggingLevel.Info, $"The {_path} stream has connected successfully."), cancellation);
        await socket.SendAsync(_init, cancellation);
        LogConnected(_logger, _path);

        await Loops.RunAsync([token => ReceiveAcksAsync(socket, token), token => SendAsync(socket, token)], cancellation);
    }

    private async Task SendAsync(OperatorSocket socket, CancellationToken cancellation)
    {
        foreach (var (uuid, message) in Unacked())
        {
            await socket.SendAsync(message, uuid, cancellation);
        }

        while (true)
        {
            var (uuid, message) = await NextAsync(cancellation);
            await socket.SendAsync(message, uuid, cancellation);
        }
    }

    /// <summary>Moves a message from the queue to the unacknowledged ones once the window has room.</summary>
    private async Task<(string Uuid, BackendMessage Message)> NextAsync(CancellationToken cancellation)
    {
        await _window.WaitAsync(cancellation);
        BackendMessage message;
        try
        {
            message = await _queue.DequeueAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            _window.Release();
            throw;
        }

        var uuid = OperatorSocket.NewUuid();
        lock (_lock)
        {
            _unackedByUuid[uuid] = _unacked.AddLast((uuid, message));
        }

        return (uuid, message);
    }

    private async Task ReceiveAcksAsync(OperatorSocket socket, CancellationToken cancellation)
    {
        while (true)
        {
            var (frame, _) = await socket.ReceiveAsync(cancellation);
            if (BackendCodec.Decode(frame.Span) is DecodedMessage.Accepted { Message: BackendMessage.Ack ack })
            {
                Acknowledge(ack.Uuid);
            }
            else
            {
                LogUnexpected(_logger, _path);
            }
        }
    }

    private void Acknowledge(string uuid)
    {
        lock (_lock)
        {
            if (!_unackedByUuid.Remove(uuid, out var node))
            {
                return;
            }

            _unacked.Remove(node);
        }

        _window.Release();
        _delay.Reset();
    }

    private (string Uuid, BackendMessage Message)[] Unacked()
    {
        lock (_lock)
        {
            return [.. _unacked];
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Stream {Path} is connected")]
    private static partial void LogConnected(ILogger logger, string path);

    [LoggerMessage(2, LogLevel.Warning, "Stream {Path} is not connected: {Error}")]
    private static partial void LogDisconnected(ILogger logger, string path, string error);

    [LoggerMessage(3, LogLevel.Warning, "Stream {Path}: a frame that is no acknowledgement is left out")]
    private static partial void LogUnexpected(ILogger logger, string path);
}
