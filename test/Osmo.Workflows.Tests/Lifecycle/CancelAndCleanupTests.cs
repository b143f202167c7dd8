using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;
using W = Osmo.Workflows.Lifecycle.WorkflowStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>
/// Rows 55 to 73 of the contract's test matrix (contract: lifecycle §26): cancel, clean-up, archive, lost nodes and backends.
/// Rows 74 and 75 (restart) make a new workflow out of a stored one; the machine only says whether it failed.
/// </summary>
public sealed class CancelAndCleanupTests
{
    private static readonly TimeSpan LeftoverPatience = TimeSpan.FromMinutes(10);

    [Fact]
    public void Row55_CancelRunning_Canceled()
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Running).Cancel()
            .Expect("T", S.FailedCanceled, S.FailedCanceled, W.FailedCanceled)
            .ExpectEnding("T", null, "Task was canceled by user: ann.");
        Assert.Equal("ann", scenario.Workflow.State.CancelledBy);
        Assert.Equal((false, false), (scenario.Job<BackendJob.CleanupGroup>().Force, scenario.Job<BackendJob.CleanupGroup>().ErrorLogs));
        Assert.Empty(scenario.Outbox);
    }

    [Fact]
    public void Row55_CancelWithMessage_IsAppended() =>
        new Scenario(Plans.One()).Cancel("wrong data").ExpectEnding("T", null, "Task was canceled by user: ann. wrong data");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Row56And57_CancelProcessing_AtOnceAndNothingIsCreated(bool force)
    {
        // Upstream puts a graceful cancel off as long as the group is PROCESSING: for ever, while the backend is offline.
        var scenario = new Scenario(Plans.One());
        var create = scenario.Job<BackendJob.CreateGroup>();
        scenario.Cancel(force: force).Expect("T", S.FailedCanceled, S.FailedCanceled, W.FailedCanceled);

        Assert.Equal([create.JobId], scenario.Last.ClosedJobs.AsEnumerable());
        var cleanup = scenario.Job<BackendJob.CleanupGroup>();
        Assert.True(cleanup.Sequence > create.Sequence);
        Assert.Equal(force, cleanup.Force);
        Assert.Equal($"{Plans.Uuid}-G-000002-{(force ? "force-" : "")}backend-cleanup", cleanup.JobId);
        scenario.Do(new WorkflowEvent.JobFailed(create.JobId, "refused")).ExpectNothing();
        scenario.Do(new WorkflowEvent.JobSucceeded(create.JobId)).ExpectNothing();
    }

    [Fact]
    public void Row58_CancelRightAfterSubmit_NoUpstreamStartsAGroup()
    {
        var scenario = new Scenario(Plans.Graph([], [1])).Cancel().Expect("T2", S.FailedCanceled, S.FailedCanceled, W.FailedCanceled);
        scenario.Pod("T1", S.Completed, 0).ExpectNothing();
        Assert.DoesNotContain(scenario.Jobs.Values, job => job is BackendJob.CreateGroup);
    }

    [Fact]
    public void Row59_CancelFinished_Refused()
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Completed, 0);
        Assert.False(WorkflowMachine.CanCancel(scenario.Workflow, force: false));
        scenario.Cancel().ExpectNothing();
    }

    [Fact]
    public void Row60_ForceCancelFinished_CleansUpAgain()
    {
        var scenario = new Scenario(Plans.Graph([], [])).Pod("T1", S.Completed, 0).Pod("T2", S.Completed, 0);
        Assert.True(WorkflowMachine.CanCancel(scenario.Workflow, force: true));
        scenario.Cancel(force: true).Expect("T1", S.Completed, S.Completed, W.Completed);

        Assert.All(scenario.Jobs.Values, job => Assert.True(((BackendJob.CleanupGroup)job).Force));
        Assert.Equal(2, scenario.Jobs.Count);
        Assert.Null(scenario.Workflow.State.CancelledBy);
    }

    [Fact]
    public void Row60_ForceCancelArchived_CleansUpAndArchivesNoMore()
    {
        var scenario = Archived().Cancel(force: true);
        scenario.JobDone<BackendJob.CleanupGroup>();
        Assert.Empty(scenario.Outbox);
        Assert.Empty(scenario.Jobs);
    }

    [Fact]
    public void Row61_CancelAgain_Refused()
    {
        // A cancel takes effect at once, so the second one meets a finished workflow.
        var scenario = new Scenario(Plans.One()).Pod("T", S.Running).Cancel();
        Assert.False(WorkflowMachine.CanCancel(scenario.Workflow, force: false));
        scenario.Cancel().ExpectNothing();
    }

    [Fact]
    public void Row62_CancelWithAGroupCompleted_OnlyTheRestIsCanceled()
    {
        var scenario = new Scenario(Plans.Graph([], [1])).Pod("T1", S.Completed, 0).JobDone<BackendJob.CleanupGroup>().Pod("T2", S.Running)
            .Cancel();
        scenario.Expect("T1", S.Completed, S.Completed, W.FailedCanceled)
            .Expect("T2", S.FailedCanceled, S.FailedCanceled, W.FailedCanceled);
        Assert.Equal("G2", scenario.Job<BackendJob.CleanupGroup>().Group);
    }

    [Fact]
    public void Row63_CancelAfterAnExecTimeout_Canceled()
    {
        var plan = Plans.Graph([], []) with { ExecTimeout = TimeSpan.FromHours(1) };
        new Scenario(plan).Pod("T1", S.Running).After(TimeSpan.FromHours(1)).Pod("T2", S.Running).Cancel()
            .Expect("T1", S.FailedExecTimeout, S.FailedExecTimeout, W.FailedCanceled)
            .Expect("T2", S.FailedCanceled, S.FailedCanceled, W.FailedCanceled);
    }

    [Fact]
    public void Row65_LastCleanupDone_Archive()
    {
        var scenario = new Scenario(Plans.Graph([], [1])).Pod("T1", S.Completed, 0).JobDone<BackendJob.CleanupGroup>();
        Assert.Empty(scenario.Outbox);
        scenario.Pod("T2", S.Completed, 0);
        Assert.Empty(scenario.Outbox);
        scenario.JobDone<BackendJob.CleanupGroup>();
        Assert.Equal([OutboxKind.Archive], scenario.Outbox);
        Assert.True(scenario.Group("G1").CleanedUp && scenario.Group("G2").CleanedUp);
    }

    [Fact]
    public void Row66_ArchivedAgain_Nothing()
    {
        var scenario = Archived();
        Assert.True(scenario.Workflow.State.Archived);
        scenario.Do(new WorkflowEvent.OutboxPerformed($"{Plans.Uuid}-archive")).ExpectNothing();
    }

    [Theory]
    [InlineData(S.Scheduling)]
    [InlineData(S.Initializing)]
    [InlineData(S.Running)]
    public void Row67_NodeDeleted_BackendError(S status)
    {
        // Upstream overlooks INITIALIZING.
        var scenario = new Scenario(Plans.One()).Pod("T", status, node: "node-a");
        scenario.Do(new WorkflowEvent.NodeRemoved("node-b")).ExpectNothing();
        scenario.Do(new WorkflowEvent.NodeRemoved("node-a"))
            .Expect("T", S.FailedBackendError, S.Failed, W.Failed)
            .ExpectEnding("T", 3001, "Node got removed from the cluster while the pod was on it");
        Assert.True(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
    }

    [Fact]
    public void Row67_NodeDeletedUnderTwoTasks_BothSayWhyAndAreRescheduled()
    {
        var scenario = new Scenario(Plans.Two().WithExitAction(ExitActionKind.Reschedule, 3001)).Pod("T", S.Running, node: "n")
            .Pod("T2", S.Running, node: "n");
        scenario.Do(new WorkflowEvent.NodeRemoved("n")).Expect("T", S.Processing, S.Running, W.Running)
            .Expect("T2", S.Processing, S.Running, W.Running);
        Assert.Equal(2, scenario.Jobs.Values.OfType<BackendJob.RescheduleTask>().Count());
    }

    [Fact]
    public void Row68_BackendGone_TheWorkflowEndsWithoutIt()
    {
        // Upstream leaves the tasks alive until somebody cancels them.
        var scenario = new Scenario(Plans.Graph([], [1], [])).Pod("T1", S.Running).Pod("T3", S.Completed, 0);
        scenario.Do(new WorkflowEvent.BackendRemoved())
            .Expect("T1", S.FailedBackendError, S.Failed, W.Failed).ExpectEnding("T1", 3001, "Backend not found.")
            .Expect("T2", S.FailedUpstream, S.FailedUpstream, W.Failed).ExpectEnding("T2", 3000, "Backend not found.")
            .Expect("T3", S.Completed, S.Completed, W.Failed);

        Assert.Empty(scenario.Jobs);
        Assert.All(scenario.Workflow.Groups.Values, group => Assert.True(group.CleanedUp));
        Assert.Equal([OutboxKind.Archive], scenario.Outbox);
        scenario.Cancel(force: true).ExpectNothing();
    }

    [Fact]
    public void Row72_JobResentAfterPodsWereSeen_GroupIsHealthy()
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Scheduling).JobFails<BackendJob.CreateGroup>("Disconnected")
            .Expect("T", S.Scheduling, S.Scheduling, W.Pending);
        Assert.Empty(scenario.Jobs);
    }

    [Fact]
    public void Row72_CreationFailsBeforeTheLastPod_ServerError()
    {
        // The second pod was never made: nothing else would end this group before its limits do.
        new Scenario(Plans.Two()).Pod("T", S.Scheduling).JobFails<BackendJob.CreateGroup>("quota exceeded")
            .Expect("T", S.FailedServerError, S.FailedServerError, W.FailedServerError)
            .Expect("T2", S.FailedServerError, S.FailedServerError, W.FailedServerError);
    }

    [Fact]
    public void Row73_CleanupGivenUp_ArchivedAllTheSameAndSaysWhy()
    {
        // Whoever holds the jobs retries as long as it makes sense; this is what happens when it does not.
        var scenario = new Scenario(Plans.One()).Pod("T", S.Completed, 0).JobFails<BackendJob.CleanupGroup>("forbidden");
        Assert.Equal((false, "forbidden"), (scenario.Group("G").CleanedUp, scenario.Group("G").CleanupFailure));
        Assert.Equal([OutboxKind.Archive], scenario.Outbox);

        scenario.Cancel(force: true).JobDone<BackendJob.CleanupGroup>();
        Assert.Equal((true, null), (scenario.Group("G").CleanedUp, scenario.Group("G").CleanupFailure));
        Assert.Equal([OutboxKind.Archive], scenario.Outbox);
    }

    [Fact]
    public void ForceCancel_GracefulCleanupOpen_IsReplaced()
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Running).Cancel();
        var graceful = scenario.Job<BackendJob.CleanupGroup>();
        scenario.Cancel(force: true);
        Assert.Equal([graceful.JobId], scenario.Last.ClosedJobs.AsEnumerable());
        Assert.True(scenario.Job<BackendJob.CleanupGroup>().Force);
    }

    [Theory]
    [InlineData(S.Failed, 7, true)]
    [InlineData(S.Completed, 0, false)]
    public void ForceCancel_BeforeTheCleanupRan_CollectsWhatThatWasToCollect(S end, int exitCode, bool errorLogs)
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Running).Pod("T", end, exitCode).Cancel(force: true);
        Assert.Equal((true, errorLogs), (scenario.Job<BackendJob.CleanupGroup>().Force, scenario.Job<BackendJob.CleanupGroup>().ErrorLogs));
    }

    [Fact]
    public void ForceCancel_AfterTheCleanup_CollectsNothingAnew()
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Running).Pod("T", S.Failed, 7).JobDone<BackendJob.CleanupGroup>().Cancel(force: true);
        Assert.False(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Leftover_SeenLongAfterTheCleanup_IsCleanedUpOnceMore(bool ofAPod)
    {
        var scenario = Archived();
        Seen().ExpectNothing();
        scenario.Now += LeftoverPatience - TimeSpan.FromSeconds(1);
        Seen().ExpectNothing();
        scenario.Now += TimeSpan.FromSeconds(1);
        Seen();

        var cleanup = scenario.Job<BackendJob.CleanupGroup>();
        Assert.Equal(("G", false, false), (cleanup.Group, cleanup.Force, cleanup.ErrorLogs));
        scenario.JobDone<BackendJob.CleanupGroup>().Expect("T", S.Completed, S.Completed, W.Completed);
        Assert.Empty(scenario.Outbox);
        Seen().ExpectNothing();
        scenario.Now += LeftoverPatience;
        Seen();
        Assert.NotEqual(cleanup.JobId, scenario.Job<BackendJob.CleanupGroup>().JobId);

        Scenario Seen() => ofAPod ? scenario.Pod("T", S.Running) : scenario.Do(new WorkflowEvent.LeftoverSeen(Plans.UuidOf("group", "G")));
    }

    [Fact]
    public void Leftover_OfARefusedCleanup_IsTriedAgain()
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Completed, 0).JobFails<BackendJob.CleanupGroup>("forbidden");
        scenario.Now += LeftoverPatience;
        scenario.Do(new WorkflowEvent.LeftoverSeen(Plans.UuidOf("group", "G"))).JobDone<BackendJob.CleanupGroup>();
        Assert.Equal((true, null), (scenario.Group("G").CleanedUp, scenario.Group("G").CleanupFailure));
    }

    [Fact]
    public void Leftover_OfALiveOrUnknownGroup_IsLeftAlone()
    {
        var scenario = new Scenario(Plans.Graph([], [1])).Pod("T1", S.Running);
        scenario.Now += 2 * LeftoverPatience;
        foreach (var group in new[] { Plans.UuidOf("group", "G1"), Plans.UuidOf("group", "G2"), "of somebody else" })
            scenario.Do(new WorkflowEvent.LeftoverSeen(group)).ExpectNothing();
        scenario.Pod("T1", S.Running, retryId: 7).ExpectNothing();

        // Its clean-up is on its way, however long that takes.
        scenario.Cancel();
        scenario.Now += 2 * LeftoverPatience;
        scenario.Do(new WorkflowEvent.LeftoverSeen(Plans.UuidOf("group", "G1"))).ExpectNothing();
    }

    private static Scenario Archived() =>
        new Scenario(Plans.One()).Pod("T", S.Completed, 0).JobDone<BackendJob.CleanupGroup>().Performed(OutboxKind.Archive);

    [Fact]
    public void EndAnnounced_WithTheEnd_IsToldOnceInEachWay()
    {
        var announced = new WorkflowEvent.EndAnnounced([OutboxKind.Mail, OutboxKind.Slack]);
        var scenario = new Scenario(Plans.One()).Do(announced).ExpectNothing();
        scenario.Pod("T", S.Completed, 0).Do(announced).JobDone<BackendJob.CleanupGroup>();
        Assert.Equal([OutboxKind.Mail, OutboxKind.Slack, OutboxKind.Archive], scenario.Outbox);
        Assert.Equal([OutboxKind.Archive], scenario.Performed(OutboxKind.Mail).Performed(OutboxKind.Slack).Outbox);
    }
}
