using System.Collections.Immutable;
using System.Text;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Faults;

/// <summary>Silos that stop and start over the same database, and what is due meanwhile.</summary>
public sealed class RestartTests : IAsyncLifetime
{
    private World _world = null!;

    public async Task InitializeAsync() => _world = await World.Start();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Workflow_WhoseSiloRestartsAfterEveryStep_GoesItsWay()
    {
        var workflow = new Submitted(_world, _world.NewUuid(), _world.NewPool(), Specs.Gang);
        var types = new List<string>();
        await GangRun.Of(workflow, _world.Restart, types);

        Assert.Equal(["CreateGroup", "RescheduleTask", "CleanupGroup"], types);
        await GangRun.CheckOutcome(workflow);
    }

    [Fact]
    public async Task Job_InFlightDuringARestart_IsHandedOutAgainWithTheSameDocument()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var before = await workflow.Operator("before").Next("CreateGroup");
        await _world.Restart();
        await LoseHolders(workflow);
        var after = await workflow.Operator("after").Next("CreateGroup");
        Assert.Equal(before.Document.ToJsonString(), after.Document.ToJsonString());
    }

    [Fact]
    public async Task Job_InFlightDuringARestart_IsKeptForItsHolder()
    {
        using var still = _world.Clock.StandStill();
        var workflow = await Submitted.Of(_world, Specs.One);
        var (holder, other) = (workflow.Operator("holder"), workflow.Operator("other"));
        var job = await holder.Next("CreateGroup");
        await _world.Restart();

        var waiting = other.Next();
        Assert.True(await holder.Renew(job.Ticket.JobId));
        Assert.False(await other.Renew(job.Ticket.JobId));
        _world.Clock.Advance(JobLease.Length - TimeSpan.FromSeconds(1));
        Assert.True(await holder.Renew(job.Ticket.JobId));
        _world.Clock.Advance(JobLease.Length - TimeSpan.FromSeconds(1));
        Assert.True(await holder.Renew(job.Ticket.JobId));
        Assert.False(waiting.IsCompleted);

        await LoseHolders(workflow);
        Assert.Equal(job.Ticket.JobId, (await waiting.WaitAsync(World.Patience)).Ticket.JobId);
        Assert.False(await holder.Renew(job.Ticket.JobId));
    }

    /// <summary>Nobody who has a job of the backend comes forward in time.</summary>
    private async Task LoseHolders(Submitted workflow)
    {
        var backend = _world.Grains.GetGrain<IBackendGrain>(workflow.Backend);
        await backend.AddJobs([]);
        _world.Clock.Advance(JobLease.Length);
        await backend.AddJobs([]);
    }

    [Fact]
    public async Task Job_NotHandedOutBeforeARestart_IsFreeAtOnce()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await _world.Restart();

        // No time passes in which a holder could come forward.
        using var still = _world.Clock.StandStill();
        await workflow.Operator().Do("CreateGroup");
    }

    [Fact]
    public async Task Events_ReportedAgainAfterTheArchiveAndARestart_AreThereOnce()
    {
        const string Scheduled = "2026-11-22 15:10:58+00:00 [only] Scheduled: to n";
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Log.AppendEvents([Event(Scheduled)]);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Report("only", "COMPLETED", exitCode: 0);
        await workflow.Operator().Do("CleanupGroup");
        await workflow.Archived();

        await _world.Restart();
        await workflow.Log.AppendEvents([Event(Scheduled, "2026-11-22 15:11:30+00:00 [only] Killing: only")]);
        Assert.Equal(["2026-11-22 15:11:30+00:00 [only] Killing: only\n"], await LateLines(workflow));
    }

    [Fact]
    public async Task Events_WhoseArchiveCannotBeRead_AreKept()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Cancel();
        await workflow.Operator().Do("CleanupGroup");
        await workflow.Archived();

        await _world.Restart();
        _world.Objects.IsDown = true;
        await workflow.Log.AppendEvents([Event("2026-11-22 15:11:30+00:00 [only] Killing: only")]);
        _world.Objects.IsDown = false;
        Assert.Equal(["2026-11-22 15:11:30+00:00 [only] Killing: only\n"], await LateLines(workflow));
    }

    [Fact]
    public async Task Restart_WhoseSendingWasLostInACrash_IsSentUntilTheRuntimeIsAtTheBarrier()
    {
        var workflow = await Submitted.Of(_world, Specs.Gang);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Run("lead", "side");
        await workflow.Report("lead", "FAILED", exitCode: 42);
        await _world.Restart();

        var attached = await workflow.Grain.AttachRuntime("side", 0);
        Assert.Equal(new TaskAction(0, """{"action":"restart","key":"restart-1"}""") { Restart = 1 }, attached.Restart);
        var mailbox = _world.Grains.GetGrain<ITaskGrain>($"{workflow.Uuid}/side");
        Assert.Equal(attached.Restart, Assert.Single(await mailbox.NextActions(1, 0, default)));

        await workflow.Grain.ConfirmRestart("side", 0, 1);
        Assert.NotNull((await workflow.Grain.AttachRuntime("side", 0)).Restart);
        await workflow.Grain.ReachBarrier("side", 0);
        Assert.Null((await workflow.Grain.AttachRuntime("side", 0)).Restart);
    }

    [Fact]
    public async Task Pod_SeenLongAfterItsGroupWasCleanedUp_IsCleanedUpWhateverRestarts()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Cancel();
        var first = await workflow.Operator().Do("CleanupGroup");
        await workflow.Archived();
        await workflow.Report("only", "FAILED", exitCode: 137);
        Assert.Empty(await workflow.OpenJobs());

        _world.Clock.Advance(TimeSpan.FromMinutes(10));
        await _world.Restart();
        await workflow.Report("only", "RUNNING");
        await workflow.Report("only", "RUNNING");
        Assert.Equal(["CleanupGroup"], await workflow.OpenJobs());

        await _world.Restart();
        var second = await workflow.Operator("after").Do("CleanupGroup");
        Assert.Equal(first.Document["cleanup_specs"]!.ToJsonString(), second.Document["cleanup_specs"]!.ToJsonString());
        await workflow.Report("only", "RUNNING");
        Assert.Empty(await workflow.OpenJobs());
        Assert.Equal(WorkflowStatus.FailedCanceled, await workflow.Status());
    }

    [Fact]
    public async Task Log_WhoseNewestChunkIsReplacedAfterARestart_CountsOn()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Log.Append(new LogAppend(LogStream.Errors, "only", 0, 0, 1, "old\n"u8.ToArray()) { HandOut = "first" });
        var seen = (await workflow.Log.WaitBeyond(0, default)).Sequence;
        await _world.Restart();
        var replacing = new LogAppend(LogStream.Errors, "only", 0, 0, 1, "new\n"u8.ToArray()) { HandOut = "second" };
        await workflow.Log.Append(replacing);
        await _world.Restart();
        await workflow.Log.Append(replacing);

        Assert.True((await workflow.Log.WaitBeyond(seen, default)).Sequence > seen);
        var texts = (await _world.Queries.LogChunks(workflow.Uuid, "", 10)).Select(row => DocumentRows.Parse<LogChunk>(row).Text);
        Assert.Equal("new\n", string.Concat(texts));
    }

    [Fact]
    public async Task Log_ThatIsWrittenAfterTheArchiveAndARestart_IsKept()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Cancel();
        await workflow.Operator().Do("CleanupGroup");
        await workflow.Archived();
        await _world.Restart();
        await workflow.Log.Append(new LogAppend(LogStream.Logs, "only", 0, 0, 1, "late\n"u8.ToArray()));

        Assert.True((await workflow.Log.WaitBeyond(0, default)).Ended);
        Assert.Single(await _world.Queries.LogChunks(LogChunk.LatePartition(workflow.Uuid), "", 10));
        Assert.Empty(await _world.Queries.LogChunks(workflow.Uuid, "", 10));
    }

    [Fact]
    public async Task Deadline_OfAWorkflowThatIsNotInMemory_IsMetByTheWatch()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Run("only");
        await _world.Restart();
        await _world.Grains.GetGrain<IWakeGrain>(IWakeGrain.Key).Start();
        _world.Clock.Advance(TimeSpan.FromHours(2));

        await World.Eventually(workflow.Status, status => status == WorkflowStatus.FailedExecTimeout);
    }

    [Fact]
    public async Task Archive_ThatFails_IsTriedAgainByTheWatchAndByNobodyElse()
    {
        using var still = _world.Clock.StandStill();
        await _world.Grains.GetGrain<IWakeGrain>(IWakeGrain.Key).Start();
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        await workflow.Run("only");
        await workflow.Report("only", "COMPLETED", exitCode: 0);
        _world.Objects.IsDown = true;
        await worker.Do("CleanupGroup");
        await World.Eventually(() => Task.FromResult(_world.Objects.Refusals), refusals => refusals > 0);
        var wakeAt = (await World.Eventually(workflow.Head, head => head.WakeAt > _world.Clock.GetUtcNow().UtcDateTime)).WakeAt;

        var refusals = _world.Objects.Refusals;
        await workflow.Grain.SetTags(["busy"], []);
        await workflow.Report("only", "COMPLETED", exitCode: 0);
        await workflow.Grain.Wake();
        await workflow.Cancel(force: true);
        Assert.Equal(refusals, _world.Objects.Refusals);
        Assert.Equal(WorkflowStatus.Completed, await workflow.Status());

        _world.Objects.IsDown = false;
        _world.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.NotNull(wakeAt);
        await workflow.Archived();
        Assert.NotNull(await workflow.LogFile("workflow_logs.txt"));
    }

    private static LogAppend Event(params ImmutableArray<string> lines) =>
        new(LogStream.Events, "only", 0, null, lines.Length, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + '\n'))));

    private async Task<IEnumerable<string>> LateLines(Submitted workflow) =>
        (await _world.Queries.LogChunks(LogChunk.LatePartition(workflow.Uuid), "", 100)).Select(row => DocumentRows.Parse<LogChunk>(row).Text);
}
