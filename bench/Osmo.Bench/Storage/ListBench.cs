using System.Diagnostics;
using Osmo.Storage.Queries;
using Osmo.Storage.State;

namespace Osmo.Bench.Storage;

/// <summary>The time of one page of 50 over many workflows.</summary>
internal static class ListBench
{
    private const int RowsPerCommit = 500;

    private const int Repeats = 30;

    public static async Task Fill(IStateStore store, int workflows)
    {
        var watch = Stopwatch.StartNew();
        var commits = Enumerable.Range(1_000_000, workflows).Chunk(RowsPerCommit);
        await Parallel.ForEachAsync(commits, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (chunk, cancellation) =>
            await store.Commit([.. chunk.SelectMany(SampleRows.History)], cancellation));
        Console.WriteLine($"  filled with {workflows:N0} workflows, each with a task, in {watch.Elapsed.TotalSeconds:F1} s");
    }

    public static async Task Run(IWorkflowQueries queries, int workflows)
    {
        var list = new WorkflowFilter { Limit = 50, NewestFirst = true };
        var user = list with { Users = ["user-7@example.com"] };
        (string Name, WorkflowFilter Filter)[] lists =
        [
            ("newest 50", list),
            ("oldest 50", list with { NewestFirst = false }),
            ("of a user", user),
            ("of a user in a pool", user with { Pools = ["pool-7"] }),
            ("of a user in a pool that has none", user with { Pools = ["pool-8"] }),
            ("of ten users", list with { Users = [.. Enumerable.Range(0, 10).Select(n => $"user-{n}@example.com")] }),
            ("in a pool", list with { Pools = ["pool-3"] }),
            ("running", list with { Statuses = ["RUNNING", "PENDING"] }),
            ("running of a user", user with { Statuses = ["RUNNING", "PENDING"] }),
            ("failed in a pool", list with { Statuses = ["FAILED", "FAILED_CANCELED"], Pools = ["pool-6"] }),
            ("priority", list with { Priorities = ["LOW"] }),
            ("label value, rare", list with { Labels = [new("run", [$"run-{1_000_000 + workflows / 20 * 10}"])] }),
            ("label value, common", list with { Labels = [new("team", ["team-3"])] }),
            ("label glob, rare", list with { Labels = [new("run", [$"run-{1_000_000 + workflows / 20 * 10}*"])] }),
            ("part of an id, common", list with { IdContains = "train-1" }),
            ("part of an id, one match", list with { IdContains = $"train-{1_000_000 + workflows / 2}" }),
            ("a month", list with { SubmittedFrom = new(2026, 4, 1, 0, 0, 0, DateTimeKind.Utc), SubmittedBefore = new(2026, 5, 1, 0, 0, 0, DateTimeKind.Utc) }),
            ("page 100", list with { Offset = 5000 }),
        ];
        foreach (var (name, filter) in lists) await Time($"workflows, {name}", async () => (await queries.ListWorkflows(filter)).Heads.Count);

        var tasks = new TaskFilter { Limit = 50 };
        string[] open = ["PROCESSING", "SCHEDULING", "INITIALIZING", "RUNNING"];
        await Time("tasks, all", async () => (await queries.ListTasks(tasks)).Count);
        await Time("tasks, of a user", async () => (await queries.ListTasks(tasks with { Users = ["user-7@example.com"] })).Count);
        await Time("tasks, open", async () => (await queries.ListTasks(tasks with { Statuses = [.. open] })).Count);
        await Time("tasks, open, summed", async () => (await queries.SumTasks(tasks with { Statuses = [.. open] }, byWorkflow: false)).Count);
        await Time("one workflow with its tasks", async () => (await queries.ReadWorkflow("train-1000007", WorkflowDepth.AllAttempts))!.Tasks.Count);
        await Time("users", async () => (await queries.Users()).Count);
        await Time("running GPUs", async () => (await queries.RunningGpus()).Count);
        await Time("due workflows", async () => (await queries.DueWorkflows(new(2027, 1, 1, 0, 0, 0, DateTimeKind.Utc), 100)).Count);
    }

    private static async Task Time(string name, Func<Task<int>> query)
    {
        var rows = await query();
        var times = new List<double>();
        for (var n = 0; n < Repeats; n++)
        {
            var watch = Stopwatch.StartNew();
            await query();
            times.Add(watch.Elapsed.TotalMilliseconds);
        }
        times.Sort();
        Console.WriteLine($"  {name,-48} {rows,4} rows   median {times[Repeats / 2],7:F2} ms   worst {times[^1],7:F2} ms");
    }
}
