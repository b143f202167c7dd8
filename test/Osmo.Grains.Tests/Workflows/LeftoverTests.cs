using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;

namespace Osmo.Grains.Tests.Workflows;

/// <summary>What an operator finds of groups that have no pod.</summary>
[Collection(GrainTests.Name)]
public sealed class LeftoverTests(SharedWorld shared)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly World _world = shared.World;

    [Fact]
    public async Task Leftovers_OfACreationThatFailed_WhoseCleanupWasRefused_AreCleanedUpAgain()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Fail(await worker.Next("CreateGroup"), "quota exceeded");
        await worker.Fail(await worker.Next("CleanupGroup"), "forbidden");
        await workflow.Archived();
        var group = await GroupUuid(workflow);
        _world.Clock.Advance(Patience);

        await Report(workflow, workflow.Backend, group, "unknown", group);

        Assert.Equal(["CleanupGroup"], await workflow.OpenJobs());
        await worker.Do("CleanupGroup");
        Assert.True((await workflow.Group("only-group")).CleanedUp);
        await Report(workflow, workflow.Backend, group);
        Assert.Empty(await workflow.OpenJobs());
    }

    [Fact]
    public async Task Leftovers_ToldByAnotherBackendOrOfNobody_ChangeNothing()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        var alive = await workflow.GroupStatus("only-group");
        _world.Clock.Advance(Patience);
        await Report(workflow, workflow.Backend, await GroupUuid(workflow));
        Assert.Equal(alive, await workflow.GroupStatus("only-group"));
        Assert.Empty(await workflow.OpenJobs());
        await workflow.Cancel();
        await worker.Do("CleanupGroup");
        await workflow.Archived();
        _world.Clock.Advance(Patience);

        await Report(workflow, "another", await GroupUuid(workflow));
        await World.Retry(() => _world.Grains.GetGrain<IWorkflowGrain>(_world.NewUuid()).ReportLeftovers(workflow.Backend, [_world.NewUuid()]));

        Assert.Empty(await workflow.OpenJobs());
    }

    private static Task Report(Submitted workflow, string backend, params string[] groups) =>
        World.Retry(() => workflow.Grain.ReportLeftovers(backend, [.. groups]));

    private async Task<string> GroupUuid(Submitted workflow) => (await workflow.Plan()).Groups.Single().Uuid;
}
