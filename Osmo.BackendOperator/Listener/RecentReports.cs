namespace Osmo.BackendOperator.Listener;

/// <summary>Remembers what was reported so that the same is not reported again within a time (contract: backend-protocol §9.1).</summary>
internal sealed class RecentReports<TKey>(TimeSpan ttl, TimeProvider time)
    where TKey : notnull
{
    /// <summary>Reports remembered; the oldest are forgotten first, which costs a repetition.</summary>
    internal const int Capacity = 16_384;

    private readonly LinkedList<(TKey Key, string Content, DateTimeOffset At)> _byAge = [];
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, string Content, DateTimeOffset At)>> _byKey = [];

    /// <summary>Whether this content differs from what was last reported for the key, or that was long ago. Remembers it.</summary>
    public bool IsNews(TKey key, string content = "")
    {
        var now = time.GetUtcNow();
        if (_byKey.TryGetValue(key, out var known))
        {
            if (known.Value.Content == content && now - known.Value.At < ttl)
            {
                return false;
            }

            _byAge.Remove(known);
        }

        _byKey[key] = _byAge.AddLast((key, content, now));
        if (_byKey.Count > Capacity)
        {
            Forget(_byAge.First!.Value.Key);
        }

        return true;
    }

    public void Forget(TKey key)
    {
        if (_byKey.Remove(key, out var node))
        {
            _byAge.Remove(node);
        }
    }
}
