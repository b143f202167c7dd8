using System.Collections.Immutable;
using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Workflows;

/// <summary>How workflows come into being, and what may be changed about them from outside (contract: lifecycle §3, api-rest §8.8).</summary>
[Collection(GrainTests.Name)]
public sealed class SubmitTests(SharedWorld shared)
{
    private readonly World _world = shared.World;

    [Fact]
    public async Task Submit_Repeated_AnswersAsBefore()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var again = await workflow.Submit();
        Assert.Equal(new SubmitResult(workflow.Id, null), again);
        Assert.Single(await workflow.OpenJobs());
    }

    [Fact]
    public async Task Submit_ManyTimesAtOnce_MakesOneWorkflow()
    {
        var workflow = new Submitted(_world, _world.NewUuid(), _world.NewPool(), Specs.One);
        var request = workflow.Request();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => workflow.Grain.Submit(request))).WaitAsync(World.Patience);

        Assert.Single(results.Distinct());
        Assert.Equal(["CreateGroup"], await workflow.OpenJobs());
    }

    [Fact]
    public async Task Submit_OfTheSameName_CountsOn()
    {
        var first = await Submitted.Of(_world, Specs.Pair);
        var second = await Submitted.Of(_world, Specs.Pair);
        Assert.Equal(int.Parse(first.Id!["pair-".Length..]) + 1, int.Parse(second.Id!["pair-".Length..]));
    }

    [Fact]
    public async Task Submit_ToAPoolThatIsNot_IsRefusedAndLeavesNothing()
    {
        var workflow = new Submitted(_world, _world.NewUuid(), _world.NewPool(), Specs.One);

        var result = await workflow.Submit("nowhere");

        Assert.Equal(new Refusal("USER", "Pool nowhere not found."), result.Refusal);
        Assert.Null(await _world.Queries.ReadWorkflow(workflow.Uuid, WorkflowDepth.Head));
    }

    [Fact]
    public async Task Submit_ToAPoolInMaintenance_IsForAdministrators()
    {
        var workflow = new Submitted(_world, _world.NewUuid(), _world.NewPool(), Specs.One);
        await Maintenance(true);

        Assert.Equal("USAGE", (await workflow.Submit()).Refusal?.ErrorCode);
        var other = new Submitted(_world, _world.NewUuid(), workflow.Backend, Specs.One);
        Assert.NotNull((await other.Grain.Submit(other.Request() with { IsAdministrator = true })).WorkflowId);
        await Maintenance(false);

        Task Maintenance(bool on) => _world.Configure(snapshot => snapshot with
        {
            Pools = snapshot.Pools.SetItem(workflow.Backend, snapshot.Pools[workflow.Backend] with { EnableMaintenance = on }),
        });
    }

    [Theory]
    [InlineData("HIGH", 1, "USAGE")]
    [InlineData("NORMAL", 1, "USAGE")]
    [InlineData("NORMAL", 2, null)]
    [InlineData("NORMAL", -1, null)]
    [InlineData("LOW", 0, null)]
    public async Task Submit_OfAGroupLargerThanThePoolsGuarantee_IsForLowPriority(string priority, int guarantee, string? code)
    {
        const string TwoGpus =
            """
            workflow:
              name: large
              resources:
                default: {cpu: 1, gpu: 1, memory: 1Gi, storage: 1Gi}
              groups:
              - name: crew
                tasks:
                - {name: lead, image: 'ubuntu:24.04', command: ['true'], lead: true}
                - {name: side, image: 'ubuntu:24.04', command: ['true']}
            """;
        var workflow = new Submitted(_world, _world.NewUuid(), _world.NewPool(), TwoGpus);
        await _world.Configure(snapshot => snapshot with
        {
            Pools = snapshot.Pools.SetItem(
                workflow.Backend, snapshot.Pools[workflow.Backend] with { Resources = new PoolResources { Gpu = new GpuQuota { Guarantee = guarantee } } }),
        });

        var result = await workflow.Grain.Submit(workflow.Request() with { Priority = priority });
        Assert.Equal(code, result.Refusal?.ErrorCode);
        Assert.Equal(code is null, result.WorkflowId is not null);
    }

    [Fact]
    public async Task Row05_SubmitByOneUserManyTimesAtOnce_AdmitsExactlyAsManyAsMayBe()
    {
        await Limits(new UserWorkflowLimits { MaxNumWorkflows = 3 });
        var user = _world.NewName("user");
        var workflows = Enumerable.Range(0, 12).Select(_ => new Submitted(_world, _world.NewUuid(), _world.NewPool(), Specs.Pair)).ToList();
        var requests = workflows.Select(workflow => workflow.Request() with { User = user }).ToList();

        var results = await Task.WhenAll(workflows.Zip(requests, (workflow, request) => workflow.Grain.Submit(request))).WaitAsync(World.Patience);

        var refusal = new Refusal("USER", $"User {user} cannot submit more than 3 ongoing workflows.");
        Assert.Equal((3, 9), (results.Count(result => result.WorkflowId is not null), results.Count(result => result.Refusal == refusal)));
        for (var n = 0; n < results.Length; n++)
        {
            // A submit that is sent again is answered as it was the first time; a refused one left nothing.
            Assert.Equal(results[n], await workflows[n].Grain.Submit(requests[n]));
            Assert.Equal(results[n].WorkflowId is null, await _world.Store.Read(new RowKey(RowKind.Plan, workflows[n].Uuid)) is null);
        }

        await Limits(new UserWorkflowLimits { MaxNumTasks = 8 });
        var taken = results.ToList().FindIndex(result => result.WorkflowId is not null);
        Assert.Null((await Submit("others")).Refusal);
        Assert.Null((await Submit(user)).Refusal);
        Assert.Equal($"User {user} cannot submit more than 8 ongoing tasks.", (await Submit(user)).Refusal?.Message);
        await workflows[taken].Grain.Cancel(new CancelWorkflow(user, null, Force: false));
        Assert.Null((await Submit(user)).Refusal);
        await Limits(new UserWorkflowLimits());
        var refused = results.ToList().FindIndex(result => result.Refusal is not null);
        Assert.Equal(results[refused], await workflows[refused].Grain.Submit(requests[refused]));

        Task Limits(UserWorkflowLimits limits) =>
            _world.Configure(snapshot => snapshot with { Workflow = snapshot.Workflow with { UserWorkflowLimits = limits } });

        Task<SubmitResult> Submit(string by)
        {
            var workflow = new Submitted(_world, _world.NewUuid(), _world.NewPool(), Specs.Pair);
            return World.Retry(() => workflow.Grain.Submit(workflow.Request() with { User = by }));
        }
    }

    [Fact]
    public async Task RecordRejection_Repeated_KeepsOneHead()
    {
        var (uuid, pool) = (_world.NewUuid(), _world.NewPool());
        var grain = _world.Grains.GetGrain<IWorkflowGrain>(uuid);
        var rejected = new RejectedSubmission(
            uuid, "bad", "user", pool, "NORMAL", ImmutableDictionary<string, string>.Empty, "text", new WorkflowOrigin(), "It makes no sense.");

        var id = await grain.RecordRejection(rejected);

        Assert.Equal(id, await grain.RecordRejection(rejected));
        var rows = await _world.Queries.ReadWorkflow(id, WorkflowDepth.AllAttempts);
        Assert.Equal(uuid, rows!.Head.Key.Partition);
        Assert.Empty(rows.Tasks);
        var head = DocumentRows.Parse<Osmo.Workflows.Documents.WorkflowHead>(rows.Head);
        Assert.Equal((WorkflowStatus.FailedSubmission, "It makes no sense.", true), (head.Status, head.FailureMessage, head.Archived));
        Assert.NotNull((await grain.Cancel(new CancelWorkflow("somebody", null, Force: false))).Refusal);
    }

    [Fact]
    public async Task SetTags_AddsAndRemoves_AndTheWorkflowGoesOn()
    {
        var workflow = await Submitted.Of(_world, Specs.One);

        Assert.True(await workflow.Grain.SetTags(["b", "a"], []));
        Assert.True(await workflow.Grain.SetTags(["c", "a"], ["b"]));
        Assert.Equal("a c", string.Join(' ', (await workflow.Head()).Tags));

        await workflow.Operator().Do("CreateGroup");
        await workflow.Run("only");
        Assert.Equal((WorkflowStatus.Running, 2), (await workflow.Status(), (await workflow.Head()).Tags.Length));
        Assert.False(await _world.Grains.GetGrain<IWorkflowGrain>(_world.NewUuid()).SetTags(["a"], []));
    }
}
