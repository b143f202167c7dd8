using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Workflows;

/// <summary>Cancel at every point of a workflow's life (contract: lifecycle §16).</summary>
[Collection(GrainTests.Name)]
public sealed class CancelTests(SharedWorld shared)
{
    private readonly World _world = shared.World;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancel_WhileRunning_EndsAtOnceAndCleansUp(bool force)
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        await workflow.Run("only");
        await workflow.Cancel(force);

        var head = await workflow.Head();
        Assert.Equal((WorkflowStatus.FailedCanceled, "somebody"), (head.Status, head.CancelledBy));
        var cleanup = await worker.Next("CleanupGroup");
        Assert.Equal(force, cleanup.Document["force_delete"]!.GetValue<bool>());
        await worker.Succeed(cleanup);
        await workflow.Archived();
    }

    [Fact]
    public async Task Cancel_BeforeTheGroupIsCreated_CreatesNothing()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Cancel();

        Assert.Equal(["CleanupGroup"], await workflow.OpenJobs());
        await workflow.Operator().Do("CleanupGroup");
        await workflow.Archived();
    }

    [Fact]
    public async Task Cancel_WhileTheGroupIsBeingCreated_CleansUpOnlyAfterwards()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        using var still = _world.Clock.StandStill();
        var (creating, idle) = (workflow.Operator("creating"), workflow.Operator("idle"));
        var create = await creating.Next("CreateGroup");
        await workflow.Cancel();

        var cleanup = idle.Next();
        Assert.False(await idle.Renew(create.Ticket.JobId));
        Assert.False(cleanup.IsCompleted);
        await creating.Succeed(create);
        Assert.Equal("CleanupGroup", (await cleanup.WaitAsync(World.Patience)).Type);
        Assert.Equal(TaskGroupStatus.FailedCanceled, await workflow.GroupStatus("only-group"));
    }

    [Fact]
    public async Task Cancel_OfAFinishedWorkflow_IsRefusedUnlessForced()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        await workflow.Run("only");
        await workflow.Report("only", "COMPLETED", exitCode: 0);
        await worker.Do("CleanupGroup");
        await workflow.Archived();

        var refused = await workflow.Grain.Cancel(new CancelWorkflow("somebody", null, Force: false));
        Assert.Equal((workflow.Id, $"Workflow {workflow.Id} is already finished."), (refused.WorkflowId, refused.Refusal?.Message));

        await workflow.Cancel(force: true);
        Assert.Equal(WorkflowStatus.Completed, await workflow.Status());
        Assert.True((await worker.Do("CleanupGroup")).Document["force_delete"]!.GetValue<bool>());
        Assert.Empty(await workflow.OpenJobs());
    }

    [Fact]
    public async Task Cancel_Twice_IsAcceptedOnceAndRefusedThen()
    {
        var workflow = await Submitted.Of(_world, Specs.Chain);
        await workflow.Cancel();
        var jobs = await workflow.OpenJobs();

        var again = await workflow.Grain.Cancel(new CancelWorkflow("other", null, Force: false));
        Assert.NotNull(again.Refusal);
        Assert.Equal(jobs, await workflow.OpenJobs());
        Assert.Equal("somebody", (await workflow.Head()).CancelledBy);
    }

    [Fact]
    public async Task Cancel_OfNoWorkflow_FindsNone()
    {
        var result = await _world.Grains.GetGrain<IWorkflowGrain>(_world.NewUuid()).Cancel(new CancelWorkflow("somebody", null, Force: true));
        Assert.Equal(new CancelResult(null, null), result);
    }
}
