using System.Diagnostics.CodeAnalysis;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>
/// Messages of one stream that wait to be sent. Full means that the producer waits: its watch then falls behind and lists anew,
/// so nothing is lost and memory stays bounded. A message that only tells the latest value of something takes the place of a
/// waiting one with the same key.
/// </summary>
internal sealed class OutgoingQueue : IDisposable
{
    /// <summary>Messages of one stream in memory.</summary>
    internal const int Capacity = 4096;

    private readonly Lock _lock = new();
    private readonly LinkedList<(string? Key, BackendMessage Message)> _messages = [];
    private readonly Dictionary<string, LinkedListNode<(string? Key, BackendMessage Message)>> _byKey = [];
    private readonly SemaphoreSlim _free = new(Capacity);
    private readonly SemaphoreSlim _ready = new(0);

    /// <summary>Messages that wait.</summary>
    public int Count => _ready.CurrentCount;

    /// <param name="latestOf">Names the value of which only the latest counts; null for a message that must not be left out.</param>
    public async Task EnqueueAsync(BackendMessage message, string? latestOf, CancellationToken cancellation)
    {
        if (TryReplace(message, latestOf))
        {
            return;
        }

        await _free.WaitAsync(cancellation);
        lock (_lock)
        {
            if (!TryReplace(message, latestOf))
            {
                var node = _messages.AddLast((latestOf, message));
                if (latestOf is not null)
                {
                    _byKey[latestOf] = node;
                }

                _ready.Release();
                return;
            }
        }

        _free.Release();
    }

    public async Task<BackendMessage> DequeueAsync(CancellationToken cancellation)
    {
        await _ready.WaitAsync(cancellation);
        return Take();
    }

    /// <summary>The next message if one waits.</summary>
    public bool TryDequeue([MaybeNullWhen(false)] out BackendMessage message)
    {
        message = _ready.Wait(0, CancellationToken.None) ? Take() : null;
        return message is not null;
    }

    public void Dispose()
    {
        _free.Dispose();
        _ready.Dispose();
    }

    private BackendMessage Take()
    {
        lock (_lock)
        {
            var (key, message) = _messages.First!.Value;
            _messages.RemoveFirst();
            if (key is not null)
            {
                _byKey.Remove(key);
            }

            _free.Release();
            return message;
        }
    }

    private bool TryReplace(BackendMessage message, string? latestOf)
    {
        lock (_lock)
        {
            if (latestOf is null || !_byKey.TryGetValue(latestOf, out var waiting))
            {
                return false;
            }

            waiting.Value = (latestOf, message);
            return true;
        }
    }
}
