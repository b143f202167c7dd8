using System.Threading.Channels;

namespace Osmo.Gateway.Sockets;

/// <summary>
/// Messages on their way from the one that reads them to the one that takes them. When they are full the reader waits, and so does the peer: one message more than
/// <paramref name="bytesMax"/> is held at most.
/// </summary>
internal sealed class ReadAhead(int bytesMax)
{
    /// <summary>What a message takes besides its text.</summary>
    private const int OverheadBytes = 64;

    private readonly Lock _gate = new();
    private readonly Channel<ReadOnlyMemory<byte>> _messages =
        Channel.CreateUnbounded<ReadOnlyMemory<byte>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private long _bytes;

    /// <summary>What the reader waits for; null while there is room.</summary>
    private TaskCompletionSource? _room;
    private volatile bool _isOver;

    /// <summary>True when nothing that is added will be taken.</summary>
    public bool IsOver => _isOver;

    /// <summary>Returns when there is room for the next.</summary>
    public Task Add(ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            if (!_messages.Writer.TryWrite(message))
            {
                return Task.CompletedTask;
            }

            _bytes += Cost(message);
            return _bytes < bytesMax ? Task.CompletedTask : (_room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>The next message; null when there is none any more.</summary>
    /// <exception cref="Exception">That of <see cref="End"/>, after the last message.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> Take(CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> message;
        while (!_messages.Reader.TryRead(out message))
        {
            if (!await _messages.Reader.WaitToReadAsync(cancellation))
            {
                return null;
            }
        }

        lock (_gate)
        {
            _bytes -= Cost(message);
            if (_bytes < bytesMax)
            {
                MakeRoom();
            }
        }

        return message;
    }

    /// <summary>No more messages count: the peer has said its last, the connection broke, or nobody wants them.</summary>
    public void End(Exception? failure = null)
    {
        lock (_gate)
        {
            _isOver = true;
            _messages.Writer.TryComplete(failure);
            MakeRoom();
        }
    }

    private void MakeRoom()
    {
        _room?.SetResult();
        _room = null;
    }

    private static int Cost(ReadOnlyMemory<byte> message) => message.Length + OverheadBytes;
}
