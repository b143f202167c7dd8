using System.Collections.Concurrent;
using Osmo.Protocol.Backend;

namespace Osmo.Bench.Operator;

/// <summary>A listener's stream: messages, of which so many may be unacknowledged as the protocol lets (contract: backend-protocol §5).</summary>
internal sealed class AcknowledgedStream : IAsyncDisposable
{
    private readonly OperatorSocket _socket;
    private readonly SemaphoreSlim _window = new(BackendLimits.UnackedMessagesMax);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _open = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Task _receiving;

    private AcknowledgedStream(OperatorSocket socket)
    {
        _socket = socket;
        _receiving = Receive();
    }

    public static async Task<AcknowledgedStream> Open(Uri server, string stream) => new(await OperatorSocket.Connect(server, $"listener/{stream}"));

    /// <summary>Returns when the message is sent, with the promise of its acknowledgement.</summary>
    public async Task<Task> Send(BackendMessage message)
    {
        await _window.WaitAsync();
        var acknowledged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var uuid = OperatorSocket.NewUuid();
        _open[uuid] = acknowledged;
        await _socket.Send(message, uuid);
        return acknowledged.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _window.Dispose();
        _end.Dispose();
    }

    private async Task Receive()
    {
        try
        {
            while (await _socket.Receive(_end.Token) is { } frame)
            {
                if (BackendCodec.Decode(frame.Frame.Span) is DecodedMessage.Accepted { Message: BackendMessage.Ack ack } && _open.TryRemove(ack.Uuid, out var waiting))
                {
                    _window.Release();
                    waiting.SetResult();
                }
            }
            throw new InvalidOperationException("The server closed a stream of the operator.");
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            foreach (var waiting in _open.Values) waiting.TrySetException(error);
        }
    }
}
