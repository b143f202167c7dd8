using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Connection;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>Receives the rules for node availability (contract: backend-protocol §6).</summary>
internal sealed partial class ControlStream(
    ServiceConnector connector,
    BackendMessage.Init init,
    BackendOperatorOptions options,
    NodeReporter nodes,
    OperatorMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    private const string Path = "listener/control";

    private readonly ReconnectDelay _delay = new(options.ServiceUrl, time);

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var socket = await connector.ConnectAsync(Path, BackendLimits.ListenerFrameBytesMax, cancellation);
                await socket.SendAsync(new BackendMessage.Logging(LoggingLevel.Info, $"The {Path} stream has connected successfully."), cancellation);
                await socket.SendAsync(init, cancellation);
                metrics.Connected(Path);
                await ReceiveAsync(socket, cancellation);
            }
            catch (Exception e) when (ServiceConnector.IsConnectionFailure(e, cancellation))
            {
                LogDisconnected(logger, Path, e.Message);
            }

            await _delay.WaitAsync(cancellation);
        }
    }

    private async Task ReceiveAsync(OperatorSocket socket, CancellationToken cancellation)
    {
        while (true)
        {
            var (frame, _) = await socket.ReceiveAsync(cancellation);
            switch (BackendCodec.Decode(frame.Span))
            {
                case DecodedMessage.Accepted { Message: BackendMessage.NodeConditions conditions }:
                    _delay.Reset();
                    await nodes.SetRulesAsync(conditions.Rules ?? ImmutableDictionary<string, string>.Empty, cancellation);
                    break;
                case var other:
                    LogUnexpected(logger, other.ToString());
                    break;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Stream {Path} is not connected: {Error}")]
    private static partial void LogDisconnected(ILogger logger, string path, string error);

    [LoggerMessage(2, LogLevel.Warning, "On the control stream this is left out: {Message}")]
    private static partial void LogUnexpected(ILogger logger, string? message);
}
