using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Faults;

/// <summary>Storage that fails: nothing is lost and nothing is doubled.</summary>
[Collection(GrainTests.Name)]
public sealed class StorageFaultTests(SharedWorld shared)
{
    private readonly World _world = shared.World;

    public static TheoryData<Fault, int> Faults
    {
        get
        {
            var all = new TheoryData<Fault, int>();
            foreach (var fault in Enum.GetValues<Fault>())
            {
                all.Add(fault, 0);
                all.Add(fault, 1);
                all.Add(fault, 2);
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Workflow_WhileEveryThirdCommitFails_GoesItsWay(Fault fault, int good)
    {
        var workflow = new Submitted(_world, _world.NewUuid(), _world.NewPool(), Specs.Gang);
        _world.Store.FailEveryThird(fault, workflow.Uuid, good);
        var types = new List<string>();
        await GangRun.Of(workflow, () => Task.CompletedTask, types);

        Assert.Equal(["CreateGroup", "RescheduleTask", "CleanupGroup"], types);
        await GangRun.CheckOutcome(workflow);
    }

    [Fact]
    public async Task Caller_OfAFailedCommit_LearnsThatItMayTryAgain()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        _world.Store.Fail(Fault.BeforeCommit, RowKind.Task, workflow.Uuid);
        var reports = new[] { await workflow.Pod("only", "RUNNING") };

        var failure = await Assert.ThrowsAnyAsync<Exception>(() => workflow.Grain.ReportPods(workflow.Backend, [.. reports]));

        Assert.True(failure is Orleans.Runtime.OrleansException or StateStoreException { IsTransient: true }, failure.ToString());
        await workflow.Grain.ReportPods(workflow.Backend, [.. reports]);
        Assert.Equal(WorkflowStatus.Running, await workflow.Status());
    }

    [Fact]
    public async Task Commit_ThatMeetsAnothersForEver_IsGivenUp()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        _world.Store.Fail(Fault.Conflict, RowKind.Task, workflow.Uuid, times: 5);
        var report = await workflow.Pod("only", "RUNNING");
        await Assert.ThrowsAnyAsync<Orleans.Runtime.OrleansException>(() => workflow.Grain.ReportPods(workflow.Backend, [report]));
        await workflow.Grain.ReportPods(workflow.Backend, [report]);
        Assert.Equal(WorkflowStatus.Running, await workflow.Status());
    }

    [Fact]
    public async Task SetTags_WhileStorageFails_SucceedsWhenRepeated()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        foreach (var fault in Enum.GetValues<Fault>())
        {
            _world.Store.Fail(fault, RowKind.Workflow, workflow.Uuid);
            Assert.True(await World.Retry(() => workflow.Grain.SetTags([$"{fault}"], [])));
        }

        Assert.Equal(3, (await workflow.Head()).Tags.Length);
    }

    [Fact]
    public async Task Job_OpenedByAnotherActivation_IsNotTakenForAnOrphan()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Run();
        var key = new RowKey(RowKind.Group, workflow.Uuid, "only-group");
        var row = (await _world.Store.Read(key))!;
        var group = DocumentRows.Parse<GroupState>(row);
        var job = new BackendJob.CleanupGroup { JobId = "by-another", Group = "only-group", Sequence = 2 };
        await _world.Store.Commit(
        [
            new RowWrite.Update(key, row.Version, DocumentRows.Write(group with { JobsIssued = 2, OpenJobs = group.OpenJobs.Add(job) })),
            new RowWrite.Put(new RowKey(RowKind.Job, workflow.Backend, job.JobId), DocumentRows.Write(new JobDocument(workflow.Backend, workflow.Uuid, 2, job))),
        ]);

        Assert.False((await workflow.Grain.PrepareJob(job.JobId, order: null)).IsMoot);
        Assert.Equal(2, (await workflow.OpenJobs()).Count);
    }

    [Fact]
    public async Task Job_WhoseSpecificationIsMissing_FailsAtOnceAndSaysWhy()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await _world.Store.Commit([new RowWrite.Delete(new RowKey(RowKind.Spec, workflow.Uuid))]);

        Assert.Equal("CleanupGroup", (await workflow.Operator().Next()).Type);
        Assert.Equal(WorkflowStatus.FailedServerError, await workflow.Status());
        Assert.Equal("CreateGroup job failed: The specification of the workflow is missing.", (await workflow.Attempt("only")).FailureMessage);
    }

    [Fact]
    public async Task Job_WithoutAnyOpenJobBehindItsRow_IsDropped()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var key = new RowKey(RowKind.Job, workflow.Backend, "orphan");
        await _world.Store.Commit([new RowWrite.Put(key, DocumentRows.Write(new JobDocument(
            workflow.Backend, workflow.Uuid, 1, new BackendJob.CleanupGroup { JobId = "orphan", Group = "only-group", Sequence = 9 })))]);

        Assert.True((await workflow.Grain.PrepareJob("orphan", order: 1)).IsMoot);
        Assert.Null(await _world.Store.Read(key));
        await workflow.Grain.FinishJob(new JobResult("orphan", Succeeded: false, "late"));
        Assert.Equal(WorkflowStatus.Pending, await workflow.Status());
    }
}
