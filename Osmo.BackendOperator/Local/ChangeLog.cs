using System.Runtime.CompilerServices;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>
/// The recent changes of a store, which watches read at their own pace: a watcher holds no memory, and one that falls behind
/// what is kept gets 410 Gone, as in Kubernetes.
/// </summary>
internal sealed class ChangeLog(long startVersion)
{
    /// <summary>Changes kept for watchers that lag.</summary>
    internal const int ChangesKept = 4096;

    private readonly Lock _lock = new();
    private readonly Queue<(long Version, WatchEvent.Changed Change)> _changes = [];
    private long _forgottenUpTo = startVersion;
    private TaskCompletionSource _appended = NewSignal();

    /// <summary>Versions must ascend.</summary>
    public void Append(long version, ChangeType type, KubernetesObject @object)
    {
        TaskCompletionSource appended;
        lock (_lock)
        {
            _changes.Enqueue((version, new WatchEvent.Changed(type, @object)));
            if (_changes.Count > ChangesKept)
            {
                _forgottenUpTo = _changes.Dequeue().Version;
            }

            (appended, _appended) = (_appended, NewSignal());
        }

        appended.SetResult();
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        Func<KubernetesObject, bool> selects,
        long after,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            List<WatchEvent.Changed> batch = [];
            Task appended;
            bool isGone;
            lock (_lock)
            {
                isGone = after < _forgottenUpTo;
                foreach (var (version, change) in _changes)
                {
                    if (version > after)
                    {
                        after = version;
                        if (selects(change.Object))
                        {
                            batch.Add(change);
                        }
                    }
                }

                appended = _appended.Task;
            }

            if (isGone)
            {
                yield return new WatchEvent.Failed(new ApiError(ApiFailure.Gone, "The resource version asked for is too old: list again."));
                yield break;
            }

            foreach (var change in batch)
            {
                yield return change;
            }

            await appended.WaitAsync(cancellation);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
