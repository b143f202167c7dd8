using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Osmo.BackendOperator.Connection;

/// <summary>Which connections to the control plane are up, for those who ask whether the operator is ready.</summary>
internal sealed class ConnectionBoard
{
    /// <summary>Every connection an operator holds (contract: backend-protocol §2).</summary>
    public static readonly ImmutableArray<string> All =
        ["listener/pod", "listener/node", "listener/event", "listener/heartbeat", "listener/control", "worker"];

    private readonly ConcurrentDictionary<string, int> _up = [];
    private long _opened;

    /// <summary>How many connections there have been: it differs once one was made anew.</summary>
    public long Opened => Interlocked.Read(ref _opened);

    public ImmutableArray<string> Missing => [.. All.Where(path => _up.GetValueOrDefault(path) == 0)];

    /// <summary>The connection counts as up until the answer is disposed.</summary>
    public IDisposable Up(string path)
    {
        _up.AddOrUpdate(path, 1, (_, open) => open + 1);
        Interlocked.Increment(ref _opened);
        return new Entry(this, path);
    }

    private sealed class Entry(ConnectionBoard board, string path) : IDisposable
    {
        public void Dispose() => board._up.AddOrUpdate(path, 0, (_, open) => open - 1);
    }
}
