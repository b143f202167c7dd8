using System.Collections.Concurrent;
using System.Diagnostics;
using Osmo.Storage.State;

namespace Osmo.Bench.Storage;

/// <summary>Commits per second with a number of callers that each wait for their own commit before the next.</summary>
internal sealed class CommitBench(IStateStore store, RawLimit raw, TimeSpan duration)
{
    private int _next;

    public async Task Run()
    {
        await Repeat(TimeSpan.FromMilliseconds(300), raw.Commit);
        var limit = await Repeat(duration, raw.Commit);
        Console.WriteLine($"  raw empty commit, 1 caller     {limit,9:N0} /s");
        foreach (var callers in new[] { 1, 8, 64, 512 })
        {
            var submits = await Callers(callers, _ => Submit());
            Console.WriteLine($"  submit (6 rows), {callers,3} callers   {submits,9:N0} /s   {submits / limit,6:F2} x raw");
        }
        // Each caller goes round its own tasks, as a silo does; hammering one row would measure that row's dead versions.
        var versions = new ConcurrentDictionary<int, long>();
        foreach (var callers in new[] { 1, 8, 64, 512 })
        {
            var own = _next / 512;
            var turns = new int[callers];
            var reports = await Callers(callers, caller => Report(caller * own + turns[caller]++ % own, versions));
            Console.WriteLine($"  report (1 row), {callers,3} callers    {reports,9:N0} /s   {reports / limit,6:F2} x raw");
        }
    }

    private Task Submit() => Commit(SampleRows.Submit(Interlocked.Increment(ref _next) - 1));

    private Task Report(int workflow, ConcurrentDictionary<int, long> versions) =>
        Commit(SampleRows.Report(workflow, versions.AddOrUpdate(workflow, 1, (_, version) => version + 1)));

    private async Task Commit(RowWrite[] writes)
    {
        if (await store.Commit(writes) != CommitOutcome.Committed) throw new InvalidOperationException($"Conflict on {writes[0].Key}.");
    }

    private async Task<double> Callers(int callers, Func<int, Task> commit) =>
        (await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Repeat(duration, () => commit(caller))))).Sum();

    /// <summary>Calls per second.</summary>
    private static async Task<double> Repeat(TimeSpan duration, Func<Task> call)
    {
        await Task.Yield();
        var watch = Stopwatch.StartNew();
        var calls = 0;
        while (watch.Elapsed < duration)
        {
            await call();
            calls++;
        }
        return calls / watch.Elapsed.TotalSeconds;
    }
}
