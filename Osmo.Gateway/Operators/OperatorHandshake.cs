using Osmo.Gateway.Sockets;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;

namespace Osmo.Gateway.Operators;

/// <summary>The start of a connection: log lines, then <c>init</c>, in time (contract: backend-protocol §4, §7).</summary>
internal sealed class OperatorHandshake(IGrainFactory grains, TimeSpan patience, TimeProvider time)
{
    /// <summary>Returns when the backend is registered; null when the operator left before.</summary>
    /// <exception cref="ProtocolViolationException">No <c>init</c> came, something else did, or the name is another cluster's.</exception>
    public async Task<BackendMessage.Init?> Register(MessageSocket socket, string backend, ConnectionLog log, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, late.Token);
        try
        {
            while (await socket.Receive(either.Token) is { } frame)
            {
                switch (BackendCodec.Decode(frame.Span))
                {
                    case DecodedMessage.Accepted { Message: BackendMessage.Logging line }:
                        log.Line(line);
                        break;
                    case DecodedMessage.Accepted { Message: BackendMessage.Init init }:
                        await Register(backend, init);
                        return init;
                    case DecodedMessage.Accepted { Message: var other }:
                        throw new ProtocolViolationException($"The first message must be init, not {BackendCodec.TypeOf(other)}.");
                    case DecodedMessage.InvalidBody invalid:
                        throw new ProtocolViolationException($"Bad {invalid.Type}: {invalid.Error}");
                    case DecodedMessage.InvalidEnvelope invalid:
                        throw new ProtocolViolationException($"Bad message: {invalid.Error}");
                    case DecodedMessage.UnknownType unknown:
                        throw new ProtocolViolationException($"The first message must be init, not {unknown.Type}.");
                }
            }

            return null;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            throw new ProtocolViolationException($"No init within {patience.TotalSeconds} s.");
        }
    }

    private async Task Register(string backend, BackendMessage.Init init)
    {
        var registration = new RegisterBackend(init.K8sUid, init.K8sNamespace, init.Version, init.NodeConditionPrefix);
        if (await grains.GetGrain<IBackendGrain>(backend).Register(registration) == RegisterBackendResult.OtherCluster)
        {
            throw new ProtocolViolationException($"Backend {backend} is already being used by a different cluster.");
        }
    }
}
