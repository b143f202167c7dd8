using Osmo.Gateway.Conventions;
using Osmo.Gateway.Sockets;
using Osmo.Protocol.Backend;
using Osmo.Storage.State;

namespace Osmo.Gateway.Operators;

/// <summary>A message and how to acknowledge it.</summary>
/// <param name="Uuid">Null when there is nothing to acknowledge.</param>
/// <param name="Body">The body as received, for what is stored as it is.</param>
/// <param name="ReceivedAt">Timestamp of the clock.</param>
internal sealed record ListenerMessage(BackendMessage Message, string? Uuid, string Body, long ReceivedAt);

/// <summary>
/// One up-stream of a listener (contract: backend-protocol §5). A message is acknowledged when its effect is durable, and only then;
/// messages of one workflow take effect in order, those of different workflows in parallel. A bad message is logged and acknowledged: it
/// would be no better the next time.
/// </summary>
internal sealed class ListenerSession : IDisposable
{
    /// <summary>Messages under way to their grains. More than that wait as they came, in the socket's read-ahead.</summary>
    private const int WindowMax = 1024;

    /// <summary>Messages of one workflow that take effect in one call.</summary>
    private const int BatchMax = 256;

    private readonly MessageSocket _socket;
    private readonly string _backend;
    private readonly OperatorHandshake _handshake;
    private readonly BackendReports _reports;
    private readonly ConnectionLog _log;
    private readonly OperatorMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly OrderedLanes<ListenerMessage> _lanes;
    private readonly Acknowledgements _acknowledgements;

    public ListenerSession(
        MessageSocket socket,
        string backend,
        OperatorHandshake handshake,
        BackendReports reports,
        ConnectionLog log,
        OperatorMetrics metrics,
        TimeProvider time)
    {
        (_socket, _backend, _handshake, _reports, _log, _metrics, _time) = (socket, backend, handshake, reports, log, metrics, time);
        _lanes = new(WindowMax, BatchMax, Perform);
        _acknowledgements = new(socket, WindowMax);
    }

    public Task<Exception?> Run(CancellationToken stopping) =>
        SocketEnd.Run(_socket, stopping, Receive, cancellation => _lanes.Failed.WaitAsync(cancellation), _acknowledgements.Run);

    public void Dispose() => _lanes.Dispose();

    private async Task Receive(CancellationToken cancellation)
    {
        if (await _handshake.Register(_socket, _backend, _log, cancellation) is null)
        {
            return;
        }

        while (await _socket.Receive(cancellation) is { } frame)
        {
            switch (BackendCodec.Decode(frame.Span))
            {
                case DecodedMessage.Accepted accepted:
                    await Accept(accepted, frame, cancellation);
                    break;
                case DecodedMessage.UnknownType unknown:
                    var known = string.Join(", ", BackendCodec.Types);
                    await Drop(LogCause.UnknownType, unknown.Uuid, $"type '{unknown.Type}' is unknown; known are {known}.", cancellation);
                    break;
                case DecodedMessage.InvalidBody invalid:
                    await Drop(LogCause.InvalidBody, invalid.Uuid, $"{invalid.Type}: {invalid.Error}", cancellation);
                    break;
                case DecodedMessage.InvalidEnvelope invalid:
                    // There is no uuid to acknowledge; the operator sends it again when it connects again, and it is dropped again.
                    _log.InvalidEnvelope(invalid.Error);
                    break;
            }
        }
    }

    private async Task Accept(DecodedMessage.Accepted accepted, ReadOnlyMemory<byte> frame, CancellationToken cancellation)
    {
        _metrics.Received(_backend, BackendCodec.TypeOf(accepted.Message));
        if (accepted.Message is BackendMessage.Logging line)
        {
            _log.Line(line);
            await Acknowledge(accepted.Uuid, cancellation);
            return;
        }

        if (accepted.Message is BackendMessage.UpdatePod { Backend: var claimed } && claimed != _backend)
        {
            await Drop(LogCause.OtherBackend, accepted.Uuid, $"a pod report names the backend '{claimed}'; this connection is of '{_backend}'.", cancellation);
            return;
        }

        if (BackendReports.LaneOf(accepted.Message) is not { } lane)
        {
            await Drop(LogCause.WrongConnection, accepted.Uuid, $"{BackendCodec.TypeOf(accepted.Message)} has no meaning on a listener's connection.", cancellation);
            return;
        }

        var body = accepted.Message is BackendMessage.Resource or BackendMessage.ResourceUsage ? BackendReports.BodyOf(frame) : "";
        await _lanes.Add(lane, new(accepted.Message, accepted.Uuid, body, _time.GetTimestamp()), cancellation);
    }

    private async Task Perform(string lane, IReadOnlyList<ListenerMessage> batch, CancellationToken cancellation)
    {
        try
        {
            await _reports.Apply(_backend, batch, cancellation);
        }
        catch (Exception e) when (IsOfOneMessage(e))
        {
            if (batch.Count > 1)
            {
                await PerformEach(lane, batch, cancellation);
                return;
            }

            _log.NotApplied(e);
            if (StorageFailures.IsOfOneDocument(e))
            {
                // The operator keeps it and sends it again when it connects again, perhaps to a version that can read the document. Others need not wait for that.
                return;
            }
        }

        foreach (var message in batch)
        {
            await Acknowledge(message.Uuid, cancellation);
            _metrics.Applied(_backend, _time.GetElapsedTime(message.ReceivedAt));
        }
    }

    /// <summary>One of a batch is bad, and only that one is to be lost; what had taken effect before takes effect again.</summary>
    private async Task PerformEach(string lane, IReadOnlyList<ListenerMessage> batch, CancellationToken cancellation)
    {
        foreach (var message in batch)
        {
            await Perform(lane, [message], cancellation);
        }
    }

    /// <summary>
    /// True when the same message would fail the same way again, and others would not. Otherwise the connection ends without an acknowledgement, and the operator
    /// sends the message again; so it does after a failure of the whole storage, of which the message is innocent.
    /// </summary>
    private static bool IsOfOneMessage(Exception exception) =>
        exception is not OperationCanceledException && !Transient.Is(exception) && (StorageFailures.Find(exception) is null || StorageFailures.IsOfOneDocument(exception));

    private async Task Drop(LogCause cause, string? uuid, string error, CancellationToken cancellation)
    {
        _log.Dropped(cause, error);
        await Acknowledge(uuid, cancellation);
    }

    private ValueTask Acknowledge(string? uuid, CancellationToken cancellation) =>
        uuid is null ? ValueTask.CompletedTask : _acknowledgements.Add(uuid, cancellation);
}
