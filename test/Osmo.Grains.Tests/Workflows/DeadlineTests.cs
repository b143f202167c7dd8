using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Workflows;

/// <summary>Limits on time (contract: lifecycle §15).</summary>
[Collection(GrainTests.Name)]
public sealed class DeadlineTests(SharedWorld shared)
{
    private readonly World _world = shared.World;

    [Fact]
    public async Task ExecTimeout_Passed_EndsTheGroup()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Run("only");

        await After(workflow, TimeSpan.FromMinutes(59));
        Assert.Equal(WorkflowStatus.Running, await workflow.Status());
        await After(workflow, TimeSpan.FromMinutes(2));
        Assert.Equal(WorkflowStatus.FailedExecTimeout, await workflow.Status());
        Assert.Equal("Task ran longer than the set limit of 1 hours.", (await workflow.Attempt("only")).FailureMessage);
    }

    [Fact]
    public async Task QueueTimeout_Passed_EndsTheGroup()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Report("only", "SCHEDULING");

        await After(workflow, TimeSpan.FromMinutes(31));
        Assert.Equal(WorkflowStatus.FailedQueueTimeout, await workflow.Status());
    }

    [Fact]
    public async Task StartTimeout_Passed_EndsTheAttemptWithTheOperatorsWords()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Report("only", "INITIALIZING");
        await workflow.Grain.ReportPods(workflow.Backend, [new PodReport.Starting(await workflow.TaskUuid("only"), 0, "It pulls an image.")]);

        await After(workflow, TimeSpan.FromMinutes(31));
        var task = await workflow.Attempt("only");
        Assert.Equal((TaskGroupStatus.FailedStartTimeout, 3005, "It pulls an image."), (task.Status, task.ExitCode, task.FailureMessage));
    }

    [Fact]
    public async Task Limit_OfALiveGrain_EndsTheGroupByItself()
    {
        var workflow = await Submitted.Of(_world, Specs.One.Replace("exec_timeout: 1h", "exec_timeout: 1s", StringComparison.Ordinal));
        await workflow.Operator().Do("CreateGroup");
        await workflow.Run("only");

        await World.Eventually(workflow.Status, status => status == WorkflowStatus.FailedExecTimeout);
    }

    private async Task After(Submitted workflow, TimeSpan time)
    {
        _world.Clock.Advance(time);
        await workflow.Grain.Wake();
    }
}
