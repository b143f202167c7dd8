using System.Net.WebSockets;

namespace Osmo.Gateway.Sockets;

/// <summary>
/// Runs the parts of a connection until the first of them ends, stops the others, and closes the socket with what fits the reason.
/// </summary>
internal static class SocketEnd
{
    public const int GoingAway = 1001;
    public const int InternalError = 1011;
    public const string Stopping = "The service is stopping.";
    public const string Failed = "The service failed; connect again.";

    private const int Normal = 1000;
    private const int TooBig = 1009;

    /// <param name="stopping">The host stops, or the request was aborted.</param>
    /// <param name="parts">Each ends by returning (the peer closed) or by throwing.</param>
    /// <returns>The failure that ended the connection, for the log; null when it was an ordinary end.</returns>
    public static async Task<Exception?> Run(MessageSocket socket, CancellationToken stopping, params Func<CancellationToken, Task>[] parts)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var running = Array.ConvertAll(parts, part => part(ending.Token));
        var first = await Task.WhenAny(running);
        await ending.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        var failure = first.Exception?.InnerException;
        var (code, reason, unexpected) = failure switch
        {
            null when stopping.IsCancellationRequested => (GoingAway, Stopping, false),
            null => (Normal, "", false),
            ProtocolViolationException violation => (violation.CloseCode, violation.Message, true),
            MessageTooBigException => (TooBig, failure.Message, true),
            WebSocketException or OperationCanceledException or ObjectDisposedException => (GoingAway, "", false),
            _ => (InternalError, Failed, true),
        };
        await socket.Close(code, reason);
        return unexpected ? failure : null;
    }
}
