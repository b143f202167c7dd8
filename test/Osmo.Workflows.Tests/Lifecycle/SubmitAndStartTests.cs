using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;
using W = Osmo.Workflows.Lifecycle.WorkflowStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>
/// Rows 1 to 17 of the contract's test matrix (contract: lifecycle §26): from submit to RUNNING. Rows 4 to 6 are decided before there is
/// a workflow.
/// </summary>
public sealed class SubmitAndStartTests
{
    [Fact]
    public void Row01And02_Submit_GroupWithoutUpstreamIsSentAtOnce()
    {
        var scenario = new Scenario(Plans.One()).Expect("T", S.Processing, S.Processing, W.Pending);

        var job = scenario.Job<BackendJob.CreateGroup>();
        Assert.Equal($"{Plans.Uuid}-G-submit", job.JobId);
        Assert.Equal(Scenario.Submitted, scenario.Group("G").ProcessingStartTime);
        Assert.Equal(Scenario.Submitted, scenario.Workflow.State.SubmitTime);
    }

    [Fact]
    public void Row03_SubmitGroupWithUpstream_Waits()
    {
        var scenario = new Scenario(Plans.Graph([], [1])).Expect("T2", S.Waiting, S.Waiting, W.Pending);

        Assert.Equal("G1", Assert.Single(scenario.Group("G2").RemainingUpstream));
        Assert.Equal("G1", scenario.Job<BackendJob.CreateGroup>().Group);
    }

    [Fact]
    public void Row07_SubmitGroupWithoutLead_IsRefusedBeforeAnythingIsStored()
    {
        // Submit is one step: it cannot fail half-way and leave groups behind. A plan that makes no sense is a bug of the caller.
        var plan = Plans.Of(Plans.Group("G", Plans.Task("T"), Plans.Task("T2")));
        var error = Assert.Throws<ArgumentException>(() => WorkflowMachine.Start(plan, Scenario.Submitted));
        Assert.Contains("Group 'G' has 0 lead tasks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Row08_CreateGroupSucceeds_NothingButTheJobChanges()
    {
        var scenario = new Scenario(Plans.One()).JobDone<BackendJob.CreateGroup>().Expect("T", S.Processing, S.Processing, W.Pending);
        Assert.Empty(scenario.Jobs);
    }

    [Fact]
    public void Row09_CreateGroupFails_ServerError()
    {
        var scenario = new Scenario(Plans.One())
            .JobFails<BackendJob.CreateGroup>("quota exceeded")
            .Expect("T", S.FailedServerError, S.FailedServerError, W.FailedServerError)
            .ExpectEnding("T", 3002, "CreateGroup job failed: quota exceeded");

        Assert.Equal("CreateGroup job failed: quota exceeded", scenario.Group("G").FailureMessage);
        Assert.False(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
    }

    [Fact]
    public void Row10_BackendOffline_JobWaits()
    {
        var scenario = new Scenario(Plans.One()).After(TimeSpan.FromDays(100)).ExpectNothing();
        Assert.Null(WorkflowMachine.NextDeadline(scenario.Workflow));
        Assert.Single(scenario.Jobs);
    }

    [Fact]
    public void Row11_PodPending_SchedulingUnderQueueLimit()
    {
        var plan = Plans.One() with { QueueTimeout = TimeSpan.FromHours(1) };
        var scenario = new Scenario(plan).Pod("T", S.Scheduling).Expect("T", S.Scheduling, S.Scheduling, W.Pending);
        Assert.Equal(Scenario.Submitted.AddHours(1), WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void Row12_SecondPodPending_QueueLimitStays()
    {
        var scenario = new Scenario(Plans.Two()).Pod("T", S.Scheduling);
        var deadline = WorkflowMachine.NextDeadline(scenario.Workflow);

        scenario.Now += TimeSpan.FromMinutes(1);
        scenario.Pod("T2", S.Scheduling).Expect("T2", S.Scheduling, S.Scheduling, W.Pending);
        Assert.Equal(deadline, WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void Row13_InitContainerWaiting_InitializingUnderStartLimit()
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Scheduling).Starting("T").Pod("T", S.Initializing)
            .Expect("T", S.Initializing, S.Initializing, W.Pending);
        Assert.Equal(Scenario.Submitted.AddMinutes(30), WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void Row14_PodRunning_RunningUnderRunLimit()
    {
        var plan = Plans.One() with { ExecTimeout = TimeSpan.FromHours(2) };
        var scenario = new Scenario(plan).Pod("T", S.Initializing);
        scenario.Now += TimeSpan.FromMinutes(1);
        scenario.Pod("T", S.Running).Expect("T", S.Running, S.Running, W.Running);

        Assert.Equal(scenario.Now, scenario.Task("T").StartTime);
        Assert.Equal(scenario.Now, scenario.Group("G").StartTime);
        Assert.Equal(scenario.Now, scenario.Workflow.State.StartTime);
        Assert.Equal(scenario.Now.AddHours(2), WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void Row15_FirstOfTwoRuns_GroupRuns()
    {
        var scenario = new Scenario(Plans.Two()).Pods(S.Initializing, "T", "T2").Pod("T", S.Running)
            .Expect("T2", S.Initializing, S.Running, W.Running);
        Assert.Equal(Scenario.Submitted + scenario.Workflow.Plan.ExecTimeout, WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void Row16_RunningBeforePending_LatePendingIsDropped()
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Running).Pod("T", S.Scheduling).ExpectNothing()
            .Expect("T", S.Running, S.Running, W.Running);
        Assert.Null(scenario.Task("T").SchedulingStartTime);
        Assert.Equal(Scenario.Submitted + scenario.Workflow.Plan.ExecTimeout, WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void Row17_SameReportAgain_Dropped() => new Scenario(Plans.One()).Pod("T", S.Running).Pod("T", S.Running).ExpectNothing();

    [Fact]
    public void PodReported_NodeAndAddress_AreStoredOnce()
    {
        var scenario = new Scenario(Plans.One());
        scenario.Do(new WorkflowEvent.PodReported(Plans.UuidOf("task", "T"), 0, S.Scheduling, "", null, "", null));
        scenario.Do(new WorkflowEvent.PodReported(Plans.UuidOf("task", "T"), 0, S.Scheduling, "", null, "node-a", null));
        scenario.Do(new WorkflowEvent.PodReported(Plans.UuidOf("task", "T"), 0, S.Running, "", null, "node-b", "10.0.0.7"));
        Assert.Equal(("node-a", "10.0.0.7"), (scenario.Task("T").NodeName, scenario.Task("T").PodIp));
    }

    [Theory]
    [InlineData(S.Submitting)]
    [InlineData(S.Waiting)]
    [InlineData(S.Processing)]
    [InlineData(S.Rescheduled)]
    public void PodReported_StatusThatNoPodHas_Dropped(S status) => new Scenario(Plans.One()).Pod("T", status).ExpectNothing();

    [Theory]
    [InlineData(S.FailedCanceled)]
    [InlineData(S.FailedExecTimeout)]
    [InlineData(S.FailedUpstream)]
    [InlineData(S.FailedServerError)]
    public void PodReported_DecisionThatIsNotThePods_PlainFailure(S status) =>
        new Scenario(Plans.One()).Pod("T", status, 1).Expect("T", S.Failed, S.Failed, W.Failed);

    [Fact]
    public void PodReported_GroupThatWasNotSent_Dropped() =>
        new Scenario(Plans.Graph([], [1])).Pod("T2", S.Running).ExpectNothing().Expect("T2", S.Waiting, S.Waiting, W.Pending);

    [Fact]
    public void PodReported_UnknownTaskOrAttempt_Dropped()
    {
        var scenario = new Scenario(Plans.One());
        scenario.Pod("T", S.Running, retryId: 1).ExpectNothing();
        scenario.Do(new WorkflowEvent.PodReported("ffffffffffffffffffffffffffffffff", 0, S.Running, "", null, null, null)).ExpectNothing();
    }
}
