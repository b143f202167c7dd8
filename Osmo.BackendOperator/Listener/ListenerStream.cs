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
    /// <summary>Messages sent together.</summary>
    private const int BatchMax = 64;

    private readonly string _path;
    private readonly ServiceConnector _connector;
    private readonly BackendMessage.Init _init;
    private readonly ReconnectDelay _delay;
    private readonly OperatorMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OutgoingQueue _queue = new();
    private readonly SemaphoreSlim _window;
    private readonly Lock _lock = new();
    private readonly LinkedList<Unacked> _unacked = [];
    private readonly Dictionary<string, LinkedListNode<Unacked>> _unackedByUuid = [];
    private bool _isLeavingOut;

    /// <param name="name"><c>pod</c>, <c>node</c>, <c>event</c> or <c>heartbeat</c>.</param>
    public ListenerStream(
        string name,
        ServiceConnector connector,
        BackendMessage.Init init,
        BackendOperatorOptions options,
        OperatorMetrics metrics,
        TimeProvider time,
        ILogger logger)
    {
        _path = $"listener/{name}";
        _connector = connector;
        _init = init;
        _delay = new ReconnectDelay(options.ServiceUrl, time);
        (_metrics, _time, _logger) = (metrics, time, logger);
        _window = new SemaphoreSlim(options.MaxUnackedMessages);
        metrics.Queue(_path, () => _queue.Count, () => options.MaxUnackedMessages - _window.CurrentCount);
    }

    /// <summary>Waits for room.</summary>
    public Task EnqueueAsync(BackendMessage message, CancellationToken cancellation) => _queue.EnqueueAsync(message, cancellation);

    /// <summary>For a message that nobody may wait for.</summary>
    /// <returns>False when there was no room, and it was left out.</returns>
    public bool TryEnqueue(BackendMessage message)
    {
        var hasRoom = _queue.TryEnqueue(message);
        if (!hasRoom)
        {
            _metrics.LeftOut(_path);
        }

        if (!Interlocked.Exchange(ref _isLeavingOut, !hasRoom) && !hasRoom)
        {
            LogLeavingOut(_logger, _path, OutgoingQueue.Capacity);
        }

        return hasRoom;
    }

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
        _metrics.Connected(_path);

        await Loops.RunAsync([token => ReceiveAcksAsync(socket, token), token => SendAsync(socket, token)], cancellation);
    }

    private async Task SendAsync(OperatorSocket socket, CancellationToken cancellation)
    {
        foreach (var batch in NotAcknowledged().Chunk(BatchMax))
        {
            await SendAsync(socket, batch, cancellation);
        }

        var next = new List<(string Uuid, BackendMessage Message)>(BatchMax);
        while (true)
        {
            next.Clear();
            next.Add(await NextAsync(cancellation));
            while (next.Count < BatchMax && TryNext() is { } more)
            {
                next.Add(more);
            }

            await SendAsync(socket, next, cancellation);
        }
    }

    private async Task SendAsync(OperatorSocket socket, IReadOnlyList<(string Uuid, BackendMessage Message)> messages, CancellationToken cancellation)
    {
        await socket.SendAllAsync(messages, cancellation);
        _metrics.Sent(_path, messages.Count);
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

        return Unacknowledged(message);
    }

    /// <summary>As <see cref="NextAsync"/>; null when there is none, or no room for it.</summary>
    private (string Uuid, BackendMessage Message)? TryNext()
    {
        if (!_window.Wait(0, CancellationToken.None))
        {
            return null;
        }

        if (_queue.TryDequeue(out var message))
        {
            return Unacknowledged(message);
        }

        _window.Release();
        return null;
    }

    private (string Uuid, BackendMessage Message) Unacknowledged(BackendMessage message)
    {
        var uuid = OperatorSocket.NewUuid();
        lock (_lock)
        {
            _unackedByUuid[uuid] = _unacked.AddLast(new Unacked(uuid, message, _time.GetTimestamp()));
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
        LinkedListNode<Unacked>? node;
        lock (_lock)
        {
            if (!_unackedByUuid.Remove(uuid, out node))
            {
                return;
            }

            _unacked.Remove(node);
        }

        _metrics.Acknowledged(_path, _time.GetElapsedTime(node.Value.SentAt));
        _window.Release();
        _delay.Reset();
    }

    private (string Uuid, BackendMessage Message)[] NotAcknowledged()
    {
        lock (_lock)
        {
            return [.. _unacked.Select(sent => (sent.Uuid, sent.Message))];
        }
    }

    /// <param name="SentAt">Timestamp of the clock, of the first time.</param>
    private readonly record struct Unacked(string Uuid, BackendMessage Message, long SentAt);

    [LoggerMessage(1, LogLevel.Information, "Stream {Path} is connected")]
    private static partial void LogConnected(ILogger logger, string path);

    [LoggerMessage(2, LogLevel.Warning, "Stream {Path} is not connected: {Error}")]
    private static partial void LogDisconnected(ILogger logger, string path, string error);

    [LoggerMessage(3, LogLevel.Warning, "Stream {Path}: a frame that is no acknowledgement is left out")]
    private static partial void LogUnexpected(ILogger logger, string path);

    [LoggerMessage(4, LogLevel.Warning, "Stream {Path}: {Capacity} messages wait; what can be told later is left out until there is room")]
    private static partial void LogLeavingOut(ILogger logger, string path, int capacity);
}
