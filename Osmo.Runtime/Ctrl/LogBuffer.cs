using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Ctrl;

/// <summary>Messages on their way to the control plane, in order: those sent and not yet acknowledged, then those not yet sent.</summary>
/// <remarks>
/// <para>Bounded in lines and in characters. When full, adding a line waits, and so in the end does the user's command; nothing is ever
/// dropped. Messages without a number are few (one barrier request, two metrics per transfer, one log_done every 5 s) and always
/// fit.</para>
/// <para>On a plain connection a message is done once written. On one with acknowledgement it stays until acknowledged, and is sent again
/// after a break (the rule is in <see cref="LoggerProtocol"/>).</para>
/// </remarks>
internal sealed class LogBuffer(int maximumLines)
{
    private const long MaximumCharacters = 32L * 1024 * 1024;

    private readonly Lock _gate = new();

    // A ring that grows: index i of the stream is at i modulo its length. head <= next <= tail.
    private CtrlMessage?[] _ring = new CtrlMessage?[256];
    private long _head;
    private long _next;
    private long _tail;
    private int _lines;
    private long _characters;
    private long _acknowledgedOnConnection;
    private TaskCompletionSource? _space;
    private TaskCompletionSource? _work;

    /// <summary>Lines of the attempt that were acknowledged, on all connections together.</summary>
    public long AcknowledgedLines { get; private set; }

    /// <summary>Adds a message; waits while the buffer is full.</summary>
    public ValueTask Add(CtrlMessage message, CancellationToken cancellation)
    {
        return TryAdd(message) is { } full ? Wait(full) : ValueTask.CompletedTask;

        async ValueTask Wait(Task space)
        {
            for (Task? wait = space; wait is not null; wait = TryAdd(message))
                await wait.WaitAsync(cancellation);
        }
    }

    /// <summary>Takes unsent messages in order, at least one; waits for one. They count as sent.</summary>
    public async ValueTask Take(List<CtrlMessage> into, int maximum, CancellationToken cancellation)
    {
        while (TryTake(into, maximum) is { } wait)
            await wait.WaitAsync(cancellation);
    }

    /// <summary>Plain connection: everything taken was written, and so is done.</summary>
    public void Written()
    {
        lock (_gate)
        {
            while (_head < _next)
                Remove();
        }
    }

    /// <summary>The first <paramref name="count"/> lines of this connection are durable.</summary>
    /// <returns>False when that many lines were not sent.</returns>
    public bool Acknowledge(long count)
    {
        lock (_gate)
        {
            while (_acknowledgedOnConnection < count)
            {
                if (_head == _next)
                    return false;
                if (Remove() is CtrlMessage.Line)
                {
                    _acknowledgedOnConnection++;
                    AcknowledgedLines++;
                }
            }

            return true;
        }
    }

    /// <summary>A new connection: what was sent and not acknowledged is to be sent again. Returns the number to resume from.</summary>
    public long Rewind()
    {
        lock (_gate)
        {
            _next = _head;
            _acknowledgedOnConnection = 0;
            return AcknowledgedLines;
        }
    }

    private Task? TryAdd(CtrlMessage message)
    {
        lock (_gate)
        {
            var isLine = message is CtrlMessage.Line;
            if (isLine && (_lines >= maximumLines || _characters >= MaximumCharacters))
                return (_space ??= NewSignal()).Task;
            if (_tail - _head == _ring.Length)
                Grow();
            _ring[_tail++ % _ring.Length] = message;
            if (isLine)
                Count(message, 1);
            Fire(ref _work);
            return null;
        }
    }

    private Task? TryTake(List<CtrlMessage> into, int maximum)
    {
        lock (_gate)
        {
            if (_next == _tail)
                return (_work ??= NewSignal()).Task;
            for (; maximum > 0 && _next < _tail; maximum--)
                into.Add(_ring[_next++ % _ring.Length]!);
            return null;
        }
    }

    private CtrlMessage Remove()
    {
        ref var slot = ref _ring[_head++ % _ring.Length];
        var message = slot!;
        slot = null;
        if (message is CtrlMessage.Line)
            Count(message, -1);
        Fire(ref _space);
        return message;
    }

    private void Count(CtrlMessage message, int sign)
    {
        _lines += sign;
        _characters += sign * ((CtrlMessage.Line)message).Text.Length;
    }

    private void Grow()
    {
        var larger = new CtrlMessage?[_ring.Length * 2];
        for (var index = _head; index < _tail; index++)
            larger[index % larger.Length] = _ring[index % _ring.Length];
        _ring = larger;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static void Fire(ref TaskCompletionSource? signal)
    {
        signal?.TrySetResult();
        signal = null;
    }
}
