using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Workflows;

/// <summary>What the in-pod runtimes ask, and retries (contract: lifecycle §8, §10; runtime-protocol §6, §8).</summary>
[Collection(GrainTests.Name)]
public sealed class RuntimeTests(SharedWorld shared)
{
    private readonly World _world = shared.World;

    [Fact]
    public async Task Barrier_ReachedByAll_ReleasesEach()
    {
        var workflow = await Submitted.Of(_world, Specs.Gang);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Run("lead", "side");
        var lead = Actions(workflow, "lead");

        Assert.False(await workflow.Grain.ReachBarrier("lead", 0));
        Assert.False((await workflow.Grain.AttachRuntime("lead", 0)).BarrierReleased);
        Assert.True(await workflow.Grain.ReachBarrier("side", 0));
        Assert.Equal("""{"action":"barrier"}""", Assert.Single(await lead.WaitAsync(World.Patience)).Document);
        Assert.True((await workflow.Grain.AttachRuntime("lead", 0)).BarrierReleased);
        Assert.True(await workflow.Grain.ReachBarrier("lead", 0));
    }

    [Fact]
    public async Task Reschedule_OfTheLead_RestartsTheOthersAndReplacesThePod()
    {
        var workflow = await Submitted.Of(_world, Specs.Gang);
        var worker = workflow.Operator();
        var first = await worker.Do("CreateGroup");
        await workflow.Run("lead", "side");
        var side = Actions(workflow, "side");
        await workflow.Report("lead", "FAILED", exitCode: 42);

        Assert.Equal("""{"action":"restart","key":"restart-1"}""", Assert.Single(await side.WaitAsync(World.Patience)).Document);
        Assert.Equal((TaskGroupStatus.Rescheduled, TaskGroupStatus.Processing), ((await workflow.Attempt("lead")).Status, (await workflow.Attempt("lead", 1)).Status));
        var reschedule = await worker.Do("RescheduleTask");
        Assert.Equal(1, reschedule.Document["retry_id"]!.GetValue<int>());
        Assert.Equal((false, true), (first.Ticket.IsUrgent, reschedule.Ticket.IsUrgent));
        Assert.Equal(RefreshTokens(first.Document).Order(), RefreshTokens(first.Document).Union(RefreshTokens(reschedule.Document["create_job"]!)).Order());

        await workflow.Report("lead", "RUNNING", retry: 1);
        await workflow.Report("lead", "FAILED", exitCode: 1);
        Assert.Equal(TaskGroupStatus.Running, (await workflow.Attempt("lead", 1)).Status);
        await workflow.Report("lead", "COMPLETED", exitCode: 0, retry: 1);
        await worker.Do("CleanupGroup");
        Assert.Equal(WorkflowStatus.Completed, (await workflow.Archived()).Status);
        Assert.NotNull(await workflow.LogFile("task_logs_lead_1.txt"));
        Assert.NotNull(await workflow.LogFile("lead_error_logs.txt"));
    }

    [Fact]
    public async Task Reschedule_BeyondTheLimit_Fails()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        for (var retry = 0; retry < 2; retry++)
        {
            await workflow.Report("only", "FAILED", exitCode: 42, retry: retry);
            await worker.Do("RescheduleTask");
        }

        await workflow.Report("only", "FAILED", exitCode: 42, retry: 2, message: "Again. ");
        Assert.Equal(WorkflowStatus.Failed, await workflow.Status());
        Assert.Equal("Again. No exit action applied due to retry limit 2.", (await workflow.Attempt("only", 2)).FailureMessage);
    }

    [Fact]
    public async Task Runtime_OfAnAttempt_IsKnownAsLongAsItMatters()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        var token = Assert.Single(RefreshTokens((await worker.Do("CreateGroup")).Document));
        await workflow.Run("only");

        Assert.Equal((workflow.Id, false), await Attached(0));
        Assert.Equal((null, true), await Attached(1));
        Assert.Equal(RefreshTokenCheck.Valid, await Check(0, token));
        Assert.Equal(RefreshTokenCheck.Mismatch, await Check(0, token[1..] + 'x'));
        Assert.Equal(RefreshTokenCheck.Unknown, await Check(1, token));
        Assert.Equal(RefreshTokenCheck.Unknown, await workflow.Grain.CheckRefreshToken(new RefreshTokenRequest("other", "only", 0, token)));

        await workflow.Report("only", "FAILED", exitCode: 42);
        Assert.Equal((workflow.Id, true), await Attached(0));
        Assert.Equal((workflow.Id, false), await Attached(1));
        Assert.Equal((RefreshTokenCheck.Finished, RefreshTokenCheck.Valid), (await Check(0, token), await Check(1, token)));
        Assert.False(await workflow.Grain.ReachBarrier("only", 0));

        async Task<(string?, bool)> Attached(int retry) => await workflow.Grain.AttachRuntime("only", retry) is var attached ? (attached.WorkflowId, attached.Finished) : default;

        Task<RefreshTokenCheck> Check(int retry, string offered) => workflow.Grain.CheckRefreshToken(new RefreshTokenRequest("only-group", "only", retry, offered));
    }

    [Fact]
    public async Task Transfers_Measured_AreKept()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Operator().Do("CreateGroup");
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        await workflow.Grain.RecordTransfer(new TransferMeasurement("only", 0, IsUpload: false, start, start.AddSeconds(5)));
        await workflow.Grain.RecordTransfer(new TransferMeasurement("only", 0, IsUpload: true, start.AddSeconds(9), null));
        var task = await workflow.Attempt("only");
        Assert.Equal((start, start.AddSeconds(5), start.AddSeconds(9)), (task.InputDownloadStartTime, task.InputDownloadEndTime, task.OutputUploadStartTime));
    }

    [Fact]
    public async Task RemoveNode_FailsWhatRanOnIt()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Run("only");
        await workflow.Grain.RemoveNode("another");
        Assert.Equal(WorkflowStatus.Running, await workflow.Status());
        await workflow.Grain.RemoveNode("node-1");
        var task = await workflow.Attempt("only");
        Assert.Equal((WorkflowStatus.Failed, TaskGroupStatus.FailedBackendError, 3001), (await workflow.Status(), task.Status, task.ExitCode));
    }

    private static Task<ImmutableArray<TaskAction>> Actions(Submitted workflow, string task)
    {
        var mailbox = workflow.World.Grains.GetGrain<ITaskGrain>($"{workflow.Uuid}/{task}");
        return World.Ask(cancellation => mailbox.NextActions(1, 0, cancellation), actions => !actions.IsEmpty);
    }

    /// <summary>The refresh tokens among the Secrets of a creation; 43 characters of URL-safe base64.</summary>
    private static IReadOnlyList<string> RefreshTokens(JsonNode create) =>
    [
        .. from item in create["k8s_resources"]!.AsArray()
           where item!["kind"]!.GetValue<string>() == "Secret"
           from pair in (item["data"] as JsonObject ?? [])
           let text = Encoding.UTF8.GetString(Convert.FromBase64String(pair.Value!.GetValue<string>()))
           where text.Length == 43 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
           select text,
    ];
}
