namespace Osmo.Gateway.Operators;

/// <summary>
/// Performs items of one key one batch after the other, in order, and those of different keys in parallel. Bounded: who adds waits while
/// the window is full.
/// </summary>
/// <param name="window">Items that were added and not performed.</param>
/// <param name="batchMax">Items performed at once.</param>
/// <param name="perform">An exception of it ends everything; see <see cref="Failed"/>.</param>
internal sealed class OrderedLanes<TItem>(
    int window, int batchMax, Func<string, IReadOnlyList<TItem>, CancellationToken, Task> perform) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<TItem>> _lanes = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _free = new(window);
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Fails when an item could not be performed; never completes otherwise.</summary>
    public Task Failed => _failed.Task;

    public async ValueTask Add(string key, TItem item, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation);
        lock (_gate)
        {
            if (_lanes.TryGetValue(key, out var waiting))
            {
                waiting.Enqueue(item);
                return;
            }

            _lanes.Add(key, waiting = new Queue<TItem>());
            waiting.Enqueue(item);
        }

        _ = Drive(key, cancellation);
    }

    public void Dispose() => _free.Dispose();

    /// <summary>Performs a lane until it is empty. Its failure is reported through <see cref="Failed"/>.</summary>
    private async Task Drive(string key, CancellationToken cancellation)
    {
        try
        {
            while (Take(key) is { Count: > 0 } batch)
            {
                await perform(key, batch, cancellation);
                _free.Release(batch.Count);
            }
        }
        catch (Exception e)
        {
            _failed.TrySetException(e);
        }
    }

    private List<TItem>? Take(string key)
    {
        lock (_gate)
        {
            var waiting = _lanes[key];
            var batch = new List<TItem>(Math.Min(waiting.Count, batchMax));
            while (batch.Count < batchMax && waiting.TryDequeue(out var item))
            {
                batch.Add(item);
            }

            if (batch.Count == 0)
            {
                _lanes.Remove(key);
                return null;
            }

            return batch;
        }
    }
}
