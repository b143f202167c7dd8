using System.Collections.Concurrent;
using Osmo.Storage.State;

namespace Osmo.Storage.Database;

/// <summary>
/// Writes on their way to a writer, first in first out and bounded: when it is full, callers wait. A writer takes all that is pending
/// (up to a batch) at once, which is what makes one transaction carry many commits.
/// </summary>
internal sealed class CommitQueue : IDisposable
{
    /// <summary>Writes that may wait; beyond it callers wait before they may add.</summary>
    public const int Capacity = 8192;

    /// <summary>Most writes in one transaction.</summary>
    public const int BatchWrites = 512;

    /// <summary>A batch stops growing once its documents have this many bytes.</summary>
    public const int BatchBytes = 8 << 20;

    private readonly ConcurrentQueue<PendingCommit> _queue = new();
    private readonly SemaphoreSlim _free = new(Capacity, Capacity);
    private readonly SemaphoreSlim _filled = new(0);
    private readonly CancellationTokenSource _closed = new();

    public async Task Add(PendingCommit write, CancellationToken cancellation)
    {
        if (!_free.Wait(0, CancellationToken.None)) await _free.WaitAsync(cancellation);
        _queue.Enqueue(write);
        _filled.Release();
        // Whether a writer still takes it is open; its caller learns that the outcome is unknown, whoever completes it first.
        if (_closed.IsCancellationRequested) write.Fail(new StateStoreException("The state store is closed.", isTransient: false));
    }

    /// <summary>Waits for writes and takes a batch into <paramref name="batch"/>; false when the queue is closed and empty.</summary>
    public async ValueTask<bool> Take(List<PendingCommit> batch)
    {
        try
        {
            await _filled.WaitAsync(_closed.Token);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            if (!_filled.Wait(0, CancellationToken.None)) return false;
        }
        Drain(batch);
        return true;
    }

    /// <summary>As <see cref="Take"/>, for a writer that has a thread of its own.</summary>
    public bool TakeBlocking(List<PendingCommit> batch)
    {
        try
        {
            _filled.Wait(_closed.Token);
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            if (!_filled.Wait(0, CancellationToken.None)) return false;
        }
        Drain(batch);
        return true;
    }

    /// <summary>No more writes are accepted; what is pending is still written.</summary>
    public void Close() => _closed.Cancel();

    public void Dispose()
    {
        _free.Dispose();
        _filled.Dispose();
        _closed.Dispose();
    }

    /// <summary>Takes the write whose permit the caller holds, and more while there are any.</summary>
    private void Drain(List<PendingCommit> batch)
    {
        batch.Clear();
        long bytes = 0;
        do
        {
            if (!_queue.TryDequeue(out var write)) throw new InvalidOperationException("A permit without a write.");
            _free.Release();
            bytes += write.Bytes;
            batch.Add(write);
        }
        while (batch.Count < BatchWrites && bytes < BatchBytes && _filled.Wait(0, CancellationToken.None));
    }
}

/// <summary>One caller's writes and the promise of their outcome. With a workflow name, some of the writes depend on the number it is given.</summary>
internal sealed class PendingCommit(
    IReadOnlyList<RowWrite> writes, string? workflowName = null, Func<int, IReadOnlyList<RowWrite>>? numbered = null, OngoingLimits? limits = null)
{
    private readonly TaskCompletionSource<CommitOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IReadOnlyList<RowWrite> _plain = writes;

    /// <summary>Of the name that needs a number; null when none does.</summary>
    public string? WorkflowName => workflowName;

    /// <summary>Null when it is made whatever its user has going.</summary>
    public OngoingLimits? Limits => limits;

    /// <summary>Complete once the number is given.</summary>
    public IReadOnlyList<RowWrite> Writes { get; private set; } = writes;

    public Task<CommitOutcome> Outcome => _outcome.Task;

    /// <summary>Of the documents that are known before the number; they are by far the most.</summary>
    public long Bytes { get; } = writes.Sum(write => (long)write.Document().Length);

    /// <summary>False when the caller's function fails, of which the caller alone learns; then there is nothing to write.</summary>
    public bool TryNumber(int number)
    {
        try
        {
            Writes = [.. _plain, .. numbered!(number)];
            return true;
        }
        catch (Exception error)
        {
            Writes = [];
            Fail(error);
            return false;
        }
    }

    public void Complete(CommitOutcome outcome) => _outcome.TrySetResult(outcome);

    public void Fail(Exception error) => _outcome.TrySetException(error);
}
