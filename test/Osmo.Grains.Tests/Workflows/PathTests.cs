using Osmo.Grains.Interfaces;
using Osmo.Grains.Tests.Support;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Tests.Workflows;

/// <summary>Workflows from submit to archive (contract: lifecycle §3–7, §17).</summary>
[Collection(GrainTests.Name)]
public sealed class PathTests(SharedWorld shared)
{
    private readonly World _world = shared.World;

    [Fact]
    public async Task Workflow_ThatSucceeds_IsArchivedAndLeavesNoJobs()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        Assert.Equal((WorkflowStatus.Pending, TaskGroupStatus.Processing), (await workflow.Status(), await workflow.GroupStatus("only-group")));

        var create = await worker.Do("CreateGroup");
        Assert.Contains(create.Document["k8s_resources"]!.AsArray(), item => item!["kind"]!.GetValue<string>() == "Pod");
        await workflow.Report("only", "SCHEDULING");
        await workflow.Report("only", "INITIALIZING");
        await workflow.Report("only", "RUNNING");
        Assert.Equal((WorkflowStatus.Running, TaskGroupStatus.Running), (await workflow.Status(), await workflow.GroupStatus("only-group")));

        await workflow.Report("only", "COMPLETED", exitCode: 0);
        Assert.Equal((WorkflowStatus.Completed, false), (await workflow.Status(), (await workflow.Head()).Archived));
        await worker.Do("CleanupGroup");

        var head = await workflow.Archived();
        Assert.Null(head.WakeAt);
        Assert.Empty(head.Outbox);
        Assert.True((await workflow.Group("only-group")).CleanedUp);
        Assert.Empty(await workflow.OpenJobs());
        var task = await workflow.Attempt("only");
        Assert.Equal(("node-1", "10.0.0.1", 0), (task.NodeName, task.PodIp, task.ExitCode));
        Assert.True(task.SchedulingStartTime <= task.InitializingStartTime && task.InitializingStartTime <= task.StartTime && task.StartTime <= task.EndTime);
    }

    [Fact]
    public async Task Workflow_ThatFails_CollectsErrorsAndSaysWhereToLook()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        await workflow.Run("only");
        await workflow.Report("only", "FAILED", exitCode: 3, message: "It went wrong.");

        var cleanup = await worker.Next("CleanupGroup");
        Assert.NotNull(cleanup.Document["error_log_spec"]);
        await worker.Succeed(cleanup);

        var head = await workflow.Archived();
        Assert.Equal(WorkflowStatus.Failed, head.Status);
        var log = await workflow.LogFile("workflow_logs.txt");
        Assert.Contains("Workflow terminated abnormally", log);
        Assert.Contains($"http://127.0.0.1:8000/workflows/{workflow.Id}", log);
        Assert.Equal("", await workflow.LogFile("only_error_logs.txt"));
    }

    [Fact]
    public async Task Workflow_ThatLogs_HasItsLinesInFilesAndNoLongerInRows()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        await workflow.Run("only");
        await workflow.Log.Append(new LogAppend(LogStream.Logs, "only", 0, 0, 2, "one\ntwo\n"u8.ToArray()));
        await workflow.Log.Append(new LogAppend(LogStream.Events, "only", 0, null, 1, "event\n"u8.ToArray()));
        await workflow.Report("only", "COMPLETED", exitCode: 0);
        await worker.Do("CleanupGroup");

        await workflow.Archived();
        Assert.Equal("one\ntwo\n", await workflow.LogFile("workflow_logs.txt"));
        Assert.Equal("one\ntwo\n", await workflow.LogFile("task_logs_only_0.txt"));
        Assert.Equal("event\n", await workflow.LogFile("workflow_events.txt"));
        Assert.Empty(await _world.Queries.LogChunks(workflow.Uuid, "", 10));
    }

    [Fact]
    public async Task Groups_InAChain_StartOneAfterTheOther()
    {
        var workflow = await Submitted.Of(_world, Specs.Chain);
        var worker = workflow.Operator();
        Assert.Equal("first-group", (await worker.Do("CreateGroup")).Group);
        Assert.Equal(TaskGroupStatus.Waiting, await workflow.GroupStatus("second-group"));
        Assert.Empty(await workflow.OpenJobs());

        await workflow.Run("first");
        await workflow.Report("first", "COMPLETED", exitCode: 0);
        Assert.Equal(TaskGroupStatus.Processing, await workflow.GroupStatus("second-group"));
        var jobs = new[] { await Done(worker), await Done(worker) };
        Assert.Equal(["CleanupGroup first-group", "CreateGroup second-group"], jobs.Order());

        await workflow.Run("second");
        await workflow.Report("second", "COMPLETED", exitCode: 0);
        await worker.Do("CleanupGroup");
        Assert.Equal(WorkflowStatus.Completed, (await workflow.Archived()).Status);

        static async Task<string> Done(ScriptedOperator worker)
        {
            var job = await worker.Next();
            await worker.Succeed(job);
            return $"{job.Type} {job.Group}";
        }
    }

    [Fact]
    public async Task Groups_BehindOneThatFailed_AreNeverCreated()
    {
        var workflow = await Submitted.Of(_world, Specs.Chain);
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        await workflow.Run("first");
        await workflow.Report("first", "FAILED", exitCode: 1);

        Assert.Equal((TaskGroupStatus.FailedUpstream, WorkflowStatus.Failed), (await workflow.GroupStatus("second-group"), await workflow.Status()));
        await worker.Do("CleanupGroup");
        await worker.Do("CleanupGroup");
        await workflow.Archived();
    }

    [Fact]
    public async Task Groups_ThatAreIndependent_AreCreatedAtTheSameTime()
    {
        var workflow = await Submitted.Of(_world, Specs.Pair);
        using var still = _world.Clock.StandStill();
        var (one, other) = (workflow.Operator("one"), workflow.Operator("other"));
        var left = await one.Next("CreateGroup");
        var right = await other.Next("CreateGroup");
        Assert.Equal(["left-group", "right-group"], new[] { left.Group, right.Group }.Order());
        await one.Succeed(left);
        await other.Succeed(right);

        await workflow.Run("left", "right");
        await workflow.Report("left", "COMPLETED", exitCode: 0);
        Assert.Equal(WorkflowStatus.Running, await workflow.Status());
        await workflow.Report("right", "COMPLETED", exitCode: 0);
        Assert.Equal(WorkflowStatus.Completed, await workflow.Status());
        await one.Do("CleanupGroup");
        Assert.False((await workflow.Head()).Archived);
        await one.Do("CleanupGroup");
        await workflow.Archived();
    }

    [Fact]
    public async Task Reports_RepeatedAndReordered_ChangeNothing()
    {
        var workflow = await Submitted.Of(_world, Specs.Gang);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Report("lead", "RUNNING");
        var before = await Versions();

        await workflow.Grain.ReportPods(workflow.Backend, [await workflow.Pod("lead", "RUNNING"), await workflow.Pod("lead", "SCHEDULING"), await workflow.Pod("lead", "RUNNING")]);
        await workflow.Grain.ReportPods(workflow.Backend, [new PodReport.StatusChanged("unknown", 0, "", "RUNNING", null, null, null), await workflow.Pod("lead", "NO_STATUS")]);
        await workflow.Grain.ReportPods(workflow.Backend, [await workflow.Pod("lead", "FAILED", exitCode: 1, retry: 7)]);
        Assert.Equal(before, await Versions());

        await workflow.Report("lead", "COMPLETED", exitCode: 0);
        before = await Versions();
        await workflow.Report("lead", "FAILED", exitCode: 1);
        await workflow.Report("side", "RUNNING");
        await workflow.Report("lead", "COMPLETED", exitCode: 0);
        Assert.Equal(before, await Versions());

        async Task<string> Versions()
        {
            var rows = await _world.Queries.ReadWorkflow(workflow.Uuid, Storage.Queries.WorkflowDepth.AllAttempts);
            return string.Join(' ', new[] { rows!.Head }.Concat(rows.Groups).Concat(rows.Tasks).Select(row => $"{row.Key}:{row.Version}"));
        }
    }

    [Fact]
    public async Task Reports_OfAnotherBackend_ChangeNothing()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        await workflow.Operator().Do("CreateGroup");
        await workflow.Run("only");

        await workflow.Grain.ReportPods("another", [await workflow.Pod("only", "FAILED", exitCode: 1)]);

        Assert.Equal(WorkflowStatus.Running, await workflow.Status());
    }

    [Fact]
    public async Task CreateGroup_ThatFails_FailsTheWorkflow()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Fail(await worker.Next("CreateGroup"), "quota exceeded");

        Assert.Equal(WorkflowStatus.FailedServerError, await workflow.Status());
        Assert.Equal("CreateGroup job failed: quota exceeded", (await workflow.Group("only-group")).FailureMessage);
        await worker.Do("CleanupGroup");
        await workflow.Archived();
    }

    [Fact]
    public async Task CleanupGroup_GivenUp_StillArchives()
    {
        var workflow = await Submitted.Of(_world, Specs.One);
        var worker = workflow.Operator();
        await worker.Do("CreateGroup");
        await workflow.Run("only");
        await workflow.Report("only", "COMPLETED", exitCode: 0);
        await worker.Fail(await worker.Next("CleanupGroup"), "forbidden");

        await workflow.Archived();
        Assert.Equal((false, "forbidden"), ((await workflow.Group("only-group")).CleanedUp, (await workflow.Group("only-group")).CleanupFailure));
    }
}
