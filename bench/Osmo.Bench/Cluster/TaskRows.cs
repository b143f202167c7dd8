using System.Diagnostics;
using System.Text.Json;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Bench.Cluster;

/// <summary>Looks into the database itself.</summary>
internal sealed class TaskRows(IStateStore store)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>How many of these pods' tasks have not the right end yet.</summary>
    public async Task<int> Missing(IReadOnlyCollection<BenchedPod> pods)
    {
        var missing = 0;
        foreach (var workflow in pods.GroupBy(pod => pod.WorkflowUuid))
        {
            var rows = (await store.ReadPartition(RowKind.Task, workflow.Key)).ToDictionary(row => row.Key.Id!, Parse);
            missing += workflow.Count(pod => !IsRight(rows[pod.Row.Id!], pod));
        }
        return missing;
    }

    /// <summary>Until every task has its right end.</summary>
    public async Task<TimeSpan> UntilRight(IReadOnlyCollection<BenchedPod> pods)
    {
        var watch = Stopwatch.StartNew();
        int missing;
        while ((missing = await Missing(pods)) > 0)
        {
            if (watch.Elapsed > Limit) throw new TimeoutException($"{missing} of {pods.Count} tasks have not their right end after {Limit.TotalSeconds} s.");
            await Task.Delay(LookAgain);
        }
        return watch.Elapsed;
    }

    private static bool IsRight(TaskDocument task, BenchedPod pod) =>
        task.ExitCode == pod.ExitCode && task.Status == (pod.ExitCode == 0 ? TaskGroupStatus.Completed : TaskGroupStatus.Failed);

    private static TaskDocument Parse(Row row) => JsonSerializer.Deserialize(row.Document.Span, DocumentJson.Default.TaskDocument)!;
}
