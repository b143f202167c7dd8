namespace Osmo.BackendOperator.Listener;

/// <summary>
/// Tells what pods take of their nodes: at once after a quiet time, and then once per pause for each node that changed. A gang that starts on a node
/// is one report of it, not one for each of its pods.
/// </summary>
internal sealed class UsageReporter(NodeUsage usage, ListenerStream stream, TimeProvider time)
{
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly AsyncPulse _news = new();
    private HashSet<string> _changed = [];

    /// <summary>A pod of this node came, changed or went.</summary>
    public void Changed(string node)
    {
        lock (_lock)
        {
            _changed.Add(node);
        }

        _news.Set();
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await _news.WaitAsync(Timeout.InfiniteTimeSpan, time, cancellation);
            foreach (var node in TakeChanged())
            {
                await stream.EnqueueAsync(usage.Of(node), cancellation);
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    private HashSet<string> TakeChanged()
    {
        lock (_lock)
        {
            return Interlocked.Exchange(ref _changed, []);
        }
    }
}
