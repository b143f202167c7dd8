using System.Diagnostics.CodeAnalysis;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>
/// Messages of one stream that wait to be sent. Full means that the producer waits: its watch then falls behind and lists anew,
/// so nothing is lost and memory stays bounded. A message that only tells the latest value of something takes the place of a
/// waiting one about the same, unless that would let it overtake another message about it.
/// </summary>
internal sealed class OutgoingQueue : IDisposable
{
    /// <summary>Messages of one stream in memory.</summary>
    internal const int Capacity = 4096;

    private readonly Lock _lock = new();
    private readonly LinkedList<BackendMessage> _messages = [];

    /// <summary>Of each subject the last message that waits.</summary>
    private readonly Dictionary<string, LinkedListNode<BackendMessage>> _lastAbout = [];
    private readonly SemaphoreSlim _free = new(Capacity);
    private readonly SemaphoreSlim _ready = new(0);

    /// <summary>Messages that wait.</summary>
    public int Count => _ready.CurrentCount;

    public async Task EnqueueAsync(BackendMessage message, CancellationToken cancellation)
    {
        if (!TryReplace(message))
        {
            await _free.WaitAsync(cancellation);
            AddOrReplace(message);
        }
    }

    /// <summary>For a message that may be left out.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryEnqueue(BackendMessage message)
    {
        if (TryReplace(message))
        {
            return true;
        }

        if (!_free.Wait(0, CancellationToken.None))
        {
            return false;
        }

        AddOrReplace(message);
        return true;
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

    /// <summary>What a message is about, if others about the same may wait with it.</summary>
    private static string? SubjectOf(BackendMessage message) => message switch
    {
        BackendMessage.Resource { Hostname: var node } => node,
        BackendMessage.ResourceUsage { Hostname: var node } => node,
        BackendMessage.DeleteResource { ResourceName: var node } => node,
        BackendMessage.Heartbeat => nameof(BackendMessage.Heartbeat),
        _ => null,
    };

    private static bool TellsOnlyTheLatest(BackendMessage message) => message is BackendMessage.ResourceUsage or BackendMessage.Heartbeat;

    private BackendMessage Take()
    {
        lock (_lock)
        {
            var first = _messages.First!;
            _messages.RemoveFirst();
            if (SubjectOf(first.Value) is { } subject && _lastAbout.GetValueOrDefault(subject) == first)
            {
                _lastAbout.Remove(subject);
            }

            _free.Release();
            return first.Value;
        }
    }

    /// <summary>The caller has taken a free place; it is given back where none is needed.</summary>
    private void AddOrReplace(BackendMessage message)
    {
        lock (_lock)
        {
            if (TryReplace(message))
            {
                _free.Release();
                return;
            }

            var added = _messages.AddLast(message);
            if (SubjectOf(message) is { } subject)
            {
                _lastAbout[subject] = added;
            }
            else if (message is BackendMessage.NodeHash)
            {
                // It is about every node.
                _lastAbout.Clear();
            }

            _ready.Release();
        }
    }

    private bool TryReplace(BackendMessage message)
    {
        lock (_lock)
        {
            if (!TellsOnlyTheLatest(message)
                || !_lastAbout.TryGetValue(SubjectOf(message)!, out var waiting)
                || waiting.Value.GetType() != message.GetType())
            {
                return false;
            }

            waiting.Value = message;
            return true;
        }
    }
}
