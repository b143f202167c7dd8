using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Faults;

/// <summary>The life of a workflow with a retry, in steps between which something may go wrong.</summary>
internal static class GangRun
{
    public static async Task Of(Submitted workflow, Func<Task> between, List<string> jobTypes)
    {
        Func<Task>[] steps =
        [
            async () => Assert.NotNull((await workflow.Submit()).WorkflowId),
            Job,
            () => workflow.Run("lead", "side"),
            () => World.Retry(() => workflow.Log.Append(new LogAppend(LogStream.Logs, "lead", 0, 0, 1, "line\n"u8.ToArray()))),
            () => workflow.Report("lead", "FAILED", exitCode: 42),
            Job,
            () => workflow.Report("lead", "RUNNING", retry: 1),
            () => workflow.Report("lead", "COMPLETED", exitCode: 0, retry: 1),
            Job,
        ];
        foreach (var step in steps)
        {
            await step();
            await between();
        }

        await World.Eventually(
            async () =>
            {
                // What failed is tried again at its time; workflows that share this clock are not to grow older than that.
                var left = (await workflow.Head()).WakeAt - workflow.World.Clock.GetUtcNow().UtcDateTime;
                workflow.World.Clock.Advance(left > TimeSpan.Zero ? left.Value : TimeSpan.Zero);
                await World.Retry(workflow.Grain.Wake);
                return await workflow.Head();
            },
            head => head.Archived);

        async Task Job()
        {
            var worker = workflow.Operator();
            var job = await worker.Next();
            await worker.Succeed(job);
            jobTypes.Add(job.Type);
        }
    }

    public static async Task CheckOutcome(Submitted workflow)
    {
        var head = await workflow.Head();
        Assert.Equal((WorkflowStatus.Completed, true, 0, null), (head.Status, head.Archived, head.Outbox.Length, head.WakeAt));
        Assert.Equal(
            ["lead/0 Rescheduled", "lead/1 Completed", "side/0 Completed"],
            (await workflow.Tasks()).Select(task => $"{task.Name}/{task.RetryId} {task.Status}"));
        Assert.True((await workflow.Group("crew")).CleanedUp);
        Assert.Empty(await workflow.OpenJobs());
        Assert.Equal("line\n", await workflow.LogFile("workflow_logs.txt"));
        Assert.Empty(await workflow.World.Queries.LogChunks(workflow.Uuid, "", 10));
    }
}
