using System.Collections.Concurrent;
using Osmo.Runtime.Ctrl;

namespace Osmo.Runtime.Data;

/// <summary>What a transfer moved.</summary>
internal readonly record struct TransferTotals(long Files, long Bytes);

/// <summary>Moves a set of files in parallel, all or none (contract: runtime-protocol §16.3).</summary>
/// <remarks>
/// Failures that may pass are repeated with growing pauses for as long as something else progresses. Without any progress for the stall
/// limit, all that is left is started again, five times in all. Any other failure of any file fails the whole, unlike upstream's.
/// </remarks>
internal sealed class FileTransfer(TimeSpan stallLimit, TimeProvider time, Func<string, CancellationToken, ValueTask> say)
{
    private const int MaximumParallel = 16;
    private const int MaximumStalls = 5;
    private const int MaximumReportedFailures = 10;

    /// <summary>The user hears of the first try that failed, and then of every tenth.</summary>
    private const int RetriesPerWord = 10;

    /// <summary>Moves every file of <paramref name="files"/> by <paramref name="move"/>.</summary>
    /// <exception cref="TimeoutException">Five stalls.</exception>
    /// <exception cref="DataTransferException">Some files failed; names the first ones.</exception>
    public async Task<TransferTotals> Run(
        Func<CancellationToken, Task<IReadOnlyList<StoredFile>>> files,
        Func<StoredFile, Action, CancellationToken, Task> move,
        CancellationToken cancellation)
    {
        var done = new ConcurrentDictionary<string, long>(StringComparer.Ordinal);
        for (var stalls = 1; ; stalls++)
        {
            using var watch = new StallWatch(stallLimit, time, cancellation);
            try
            {
                await RunOnce(files, move, done, watch);
                return new TransferTotals(done.Count, done.Values.Sum());
            }
            catch (OperationCanceledException) when (watch.IsStalled && !cancellation.IsCancellationRequested)
            {
                await say($"No progress for {stallLimit.TotalMinutes} minutes.", cancellation);
                if (stalls == MaximumStalls)
                    throw new TimeoutException($"The transfer stalled {MaximumStalls} times for {stallLimit.TotalMinutes} minutes.");
            }
        }
    }

    private async Task RunOnce(
        Func<CancellationToken, Task<IReadOnlyList<StoredFile>>> files,
        Func<StoredFile, Action, CancellationToken, Task> move,
        ConcurrentDictionary<string, long> done,
        StallWatch watch)
    {
        var all = await Repeat(files, watch.Token);
        var failures = new ConcurrentQueue<string>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaximumParallel, CancellationToken = watch.Token };
        await Parallel.ForEachAsync(all.Where(file => !done.ContainsKey(file.Path)), options, async (file, token) =>
        {
            try
            {
                var progress = new FileProgress(watch.Progress);
                await Repeat(
                    async cancel =>
                    {
                        await move(file, progress.NewTry(), cancel);
                        return true;
                    },
                    token);
                done[file.Path] = file.Bytes;
                watch.Progress();
            }
            catch (Exception exception)
                when (exception is DataTransferException or DataAccessException or IOException or UnauthorizedAccessException)
            {
                failures.Enqueue($"{file.Path}: {exception.Message}");
            }
        });
        if (!failures.IsEmpty)
            throw new DataTransferException(
                $"{failures.Count} of {all.Count} files failed: {string.Join("; ", failures.Take(MaximumReportedFailures))}");
    }

    private async Task<T> Repeat<T>(Func<CancellationToken, Task<T>> action, CancellationToken cancellation)
    {
        var backoff = new Backoff(Random.Shared);
        while (true)
        {
            try
            {
                return await action(cancellation);
            }
            catch (DataTransientException exception)
            {
                if (backoff.Failures % RetriesPerWord == 0)
                    await say($"Will try again: {exception.Message}", cancellation);
                await Task.Delay(backoff.Next(), time, cancellation);
            }
        }
    }
}
