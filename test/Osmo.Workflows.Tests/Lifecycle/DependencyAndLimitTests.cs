using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;
using W = Osmo.Workflows.Lifecycle.WorkflowStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>
/// Rows 42 to 54 of the contract's test matrix (contract: lifecycle §26): groups that wait for groups, and limits on time.
/// </summary>
public sealed class DependencyAndLimitTests
{
    private static readonly TimeSpan Limit = new(days: 0, hours: 1, minutes: 30, seconds: 0);

    private static WorkflowPlan Limited(WorkflowPlan plan) => plan with { QueueTimeout = Limit, ExecTimeout = Limit };

    [Fact]
    public void Row42_UpstreamCompletes_DownstreamStarts()
    {
        var scenario = new Scenario(Plans.Graph([], [1])).Pod("T1", S.Running).Pod("T1", S.Completed, 0)
            .Expect("T2", S.Processing, S.Processing, W.Running);
        Assert.Contains(scenario.Last.NewJobs, job => job is BackendJob.CreateGroup { Group: "G2" });
        Assert.Empty(scenario.Group("G2").RemainingUpstream);
    }

    [Fact]
    public void Row43_OneOfTwoUpstreamsCompletes_DownstreamWaitsForTheOther()
    {
        var scenario = new Scenario(Plans.Graph([], [], [1, 2])).Pods(S.Running, "T1", "T2").Pod("T1", S.Completed, 0)
            .Expect("T3", S.Waiting, S.Waiting, W.Running);
        Assert.Equal("G2", Assert.Single(scenario.Group("G3").RemainingUpstream));
        scenario.Pod("T2", S.Completed, 0).Expect("T3", S.Processing, S.Processing, W.Running);
    }

    [Fact]
    public void Row44_UpstreamFails_TheWholeChainFailsAndTellsOnce()
    {
        var scenario = new Scenario(Plans.Graph([], [1], [2])).Pod("T1", S.Running).Pod("T1", S.Failed, 1)
            .Expect("T1", S.Failed, S.Failed, W.Failed);
        foreach (var task in new[] { "T2", "T3" })
            scenario.Expect(task, S.FailedUpstream, S.FailedUpstream, W.Failed).ExpectEnding(task, 3000, "Upstream task failed.");

        Assert.Equal(3, scenario.Jobs.Values.OfType<BackendJob.CleanupGroup>().Count());
        Assert.Empty(scenario.Outbox);
        Assert.Equal("Upstream task failed.", scenario.Group("G3").FailureMessage);
    }

    [Fact]
    public void Row45_IndependentGroupFails_TheOtherGoesOn()
    {
        var scenario = new Scenario(Plans.Graph([], [])).Pods(S.Running, "T1", "T2").Pod("T1", S.Failed, 1)
            .Expect("T1", S.Failed, S.Failed, W.Running)
            .Expect("T2", S.Running, S.Running, W.Running);
        Assert.Empty(scenario.Outbox);
        scenario.Pod("T2", S.Completed, 0).Expect("T2", S.Completed, S.Completed, W.Failed);
    }

    [Fact]
    public void Row46_UpstreamEvicted_WorkflowSaysWhy() =>
        new Scenario(Plans.Graph([], [1])).Pod("T1", S.FailedEvicted, 3004)
            .Expect("T2", S.FailedUpstream, S.FailedUpstream, W.FailedEvicted);

    [Fact]
    public void Row47_DifferentFailures_PlainFailure() =>
        new Scenario(Plans.Graph([], [])).Pod("T1", S.FailedPreempted, 3006).Pod("T2", S.Failed, 1)
            .Expect("T1", S.FailedPreempted, S.FailedPreempted, W.Failed);

    [Fact]
    public void Row48_QueuedTooLong_QueueTimeout()
    {
        var scenario = new Scenario(Limited(Plans.Graph([], [1]))).Pod("T1", S.Scheduling).After(Limit)
            .Expect("T1", S.FailedQueueTimeout, S.FailedQueueTimeout, W.FailedQueueTimeout)
            .ExpectEnding("T1", null, "Task stayed in queue longer than the set limit of 1 hours, 30 minutes.")
            .Expect("T2", S.FailedUpstream, S.FailedUpstream, W.FailedQueueTimeout);
        Assert.All(scenario.Jobs.Values.OfType<BackendJob.CleanupGroup>(), job => Assert.False(job.ErrorLogs));
    }

    [Fact]
    public void Row49_InitializingPastTheQueueLimit_Nothing() =>
        new Scenario(Limited(Plans.One())).Pod("T", S.Scheduling).Pod("T", S.Initializing).After(Limit * 2).ExpectNothing();

    [Fact]
    public void Row50_LimitRaisedMeanwhile_TheNewOneCounts()
    {
        var workflow = new Scenario(Limited(Plans.One())).Pod("T", S.Scheduling).Workflow;
        workflow = workflow with { Plan = workflow.Plan with { QueueTimeout = Limit * 2 } };
        Assert.True(WorkflowMachine.Apply(workflow, new WorkflowEvent.TimePassed(), Scenario.Submitted + Limit).ChangedNothing);
        Assert.Equal(Scenario.Submitted + (Limit * 2), WorkflowMachine.NextDeadline(workflow));
    }

    [Fact]
    public void Row51_RanTooLong_ExecTimeout()
    {
        var scenario = new Scenario(Limited(Plans.Graph([], []))).Pods(S.Running, "T1").After(Limit)
            .Expect("T1", S.FailedExecTimeout, S.FailedExecTimeout, W.Running)
            .ExpectEnding("T1", null, "Task ran longer than the set limit of 1 hours, 30 minutes.");
        Assert.False(scenario.Job<BackendJob.CleanupGroup>().Force);
        scenario.Pod("T2", S.Completed, 0).Expect("T1", S.FailedExecTimeout, S.FailedExecTimeout, W.FailedExecTimeout);
    }

    [Fact]
    public void Row51_RunLimit_SpansAllAttempts()
    {
        var scenario = new Scenario(Limited(Plans.One().WithExitAction(ExitActionKind.Reschedule, 9))).Pod("T", S.Running);
        scenario.Now += TimeSpan.FromHours(1);
        scenario.Pod("T", S.Failed, 9).Pod("T", S.Running);
        Assert.Equal(Scenario.Submitted + Limit, WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void Row52_CompletedPastTheRunLimit_Nothing() =>
        new Scenario(Limited(Plans.One())).Pod("T", S.Running).Pod("T", S.Completed, 0).After(Limit * 2).ExpectNothing();

    [Fact]
    public void Row53_StartsTooLong_StartTimeout()
    {
        var scenario = new Scenario(Plans.One()).Starting("T").Pod("T", S.Initializing).After(TimeSpan.FromMinutes(30))
            .Expect("T", S.FailedStartTimeout, S.Failed, W.Failed)
            .ExpectEnding("T", 3005, null);
        Assert.Equal("", scenario.Group("G").FailureMessage);
        Assert.True(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
    }

    [Fact]
    public void Row53_StartLimit_RunsFromTheFirstSignAndSaysWhatItSaid()
    {
        var scenario = new Scenario(Plans.One()).Starting("T", "pulling");
        scenario.Now += TimeSpan.FromMinutes(20);
        scenario.Starting("T", "still pulling").ExpectNothing();
        scenario.After(TimeSpan.FromMinutes(9)).ExpectNothing().After(TimeSpan.FromMinutes(1)).ExpectEnding("T", 3005, "pulling");
    }

    [Fact]
    public void Row53_StartTimeoutWithAnAction_TriesAgainUnderANewLimit()
    {
        var scenario = new Scenario(Plans.One().WithExitAction(ExitActionKind.Reschedule, 3005)).Starting("T")
            .After(TimeSpan.FromMinutes(30)).Expect("T", S.Processing, S.Initializing, W.Pending);
        Assert.Null(WorkflowMachine.NextDeadline(scenario.Workflow));
        scenario.Starting("T");
        Assert.Equal(Scenario.Submitted.AddMinutes(60), WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void QueueLimit_OfANewAttemptWhoseGroupNeverRan_EndsIt()
    {
        var scenario = new Scenario(Limited(Plans.One().WithExitAction(ExitActionKind.Reschedule, 3001)))
            .Pod("T", S.Scheduling).Pod("T", S.FailedBackendError, 3001).Expect("T", S.Processing, S.Initializing, W.Pending);
        scenario.Now += TimeSpan.FromHours(1);
        scenario.Pod("T", S.Scheduling);
        Assert.Equal(scenario.Now + Limit, WorkflowMachine.NextDeadline(scenario.Workflow));

        scenario.After(Limit - TimeSpan.FromTicks(1)).ExpectNothing().After(TimeSpan.FromTicks(1))
            .Expect("T", S.FailedQueueTimeout, S.Failed, W.Failed);
    }

    [Fact]
    public void QueueLimit_OfANewAttemptWhoseGroupRan_IsTheRunLimit()
    {
        var scenario = new Scenario(Limited(Plans.One().WithExitAction(ExitActionKind.Reschedule, 3001)))
            .Pod("T", S.Running).Pod("T", S.FailedBackendError, 3001).Pod("T", S.Scheduling);
        Assert.Equal(Scenario.Submitted + Limit, WorkflowMachine.NextDeadline(scenario.Workflow));
        scenario.After(Limit).Expect("T", S.FailedExecTimeout, S.FailedExecTimeout, W.FailedExecTimeout);
    }

    [Fact]
    public void Row54_RunningPastTheStartLimit_Nothing() =>
        new Scenario(Plans.One()).Starting("T").Pod("T", S.Running).After(TimeSpan.FromMinutes(30)).ExpectNothing().Starting("T")
            .ExpectNothing();

    [Fact]
    public void TimePassed_OneTickEarly_Nothing() =>
        new Scenario(Limited(Plans.One())).Pod("T", S.Running).After(Limit - TimeSpan.FromTicks(1)).ExpectNothing()
            .After(TimeSpan.FromTicks(1)).Expect("T", S.FailedExecTimeout, S.FailedExecTimeout, W.FailedExecTimeout);

    [Fact]
    public void TimePassed_LimitWithoutEnd_NeverDue()
    {
        var scenario = new Scenario(Plans.One() with { ExecTimeout = TimeSpan.MaxValue }).Pod("T", S.Running)
            .After(TimeSpan.FromDays(10000)).ExpectNothing();
        Assert.Equal(DateTime.MaxValue, WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void Apply_ClockBehindTheState_TimesDoNotRunBackwards()
    {
        var scenario = new Scenario(Plans.One());
        scenario.Now += TimeSpan.FromMinutes(5);
        scenario.Pod("T", S.Running);
        scenario.Now -= TimeSpan.FromMinutes(10);
        scenario.Pod("T", S.Completed, 0);
        Assert.Equal(Scenario.Submitted.AddMinutes(5), scenario.Workflow.State.EndTime);
    }

    [Theory]
    [InlineData(93784, "1 days, 2 hours, 3 minutes, 4 seconds")]
    [InlineData(5184000, "60 days")]
    [InlineData(3605, "1 hours, 5 seconds")]
    [InlineData(1, "1 seconds")]
    [InlineData(0, "0 seconds")]
    public void DurationText_Of_ListsNonZeroParts(int seconds, string expected) =>
        Assert.Equal(expected, DurationText.Of(TimeSpan.FromSeconds(seconds)));
}
