using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;
using W = Osmo.Workflows.Lifecycle.WorkflowStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>
/// Rows 18 to 34 and 69 to 71 of the contract's test matrix (contract: lifecycle §26): how tasks end, and what that means for their
/// group.
/// </summary>
public sealed class TaskEndTests
{
    private static Scenario TwoRunning(bool ignoreNonleadStatus = true) =>
        new Scenario(Plans.Two(ignoreNonleadStatus)).Pods(S.Running, "T", "T2");

    [Fact]
    public void Row18_PodSucceeds_Completed()
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Running).Pod("T", S.Completed, 0)
            .Expect("T", S.Completed, S.Completed, W.Completed);

        Assert.Empty(scenario.Outbox);
        Assert.Equal((false, false), (scenario.Job<BackendJob.CleanupGroup>().ErrorLogs, scenario.Job<BackendJob.CleanupGroup>().Force));
        Assert.Equal(0, scenario.Task("T").ExitCode);
        Assert.Null(scenario.Group("G").FailureMessage);
    }

    [Fact]
    public void Row19_LeadCompletes_OthersComplete()
    {
        var scenario = TwoRunning().Pod("T", S.Completed, 0).Expect("T2", S.Completed, S.Completed, W.Completed)
            .ExpectEnding("T2", null, "Lead task finished");
        Assert.False(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
    }

    [Fact]
    public void Row20_LeadFails_OthersFail()
    {
        var scenario = TwoRunning().Pod("T", S.Failed, 1, "Failure reason:\n- Exit code 1 due to Task T failure. ")
            .Expect("T", S.Failed, S.Failed, W.Failed)
            .Expect("T2", S.Failed, S.Failed, W.Failed)
            .ExpectEnding("T2", null, "Lead task finished");

        Assert.True(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
        Assert.Equal("Failure reason:\n- Exit code 1 due to Task T failure. ", scenario.Group("G").FailureMessage);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Row21_SideTaskCompletes_GroupGoesOn(bool ignore)
    {
        var scenario = TwoRunning(ignore).Pod("T2", S.Completed, 0).Expect("T2", S.Completed, S.Running, W.Running);
        Assert.Equal(S.Running, scenario.Task("T").Status);
        Assert.DoesNotContain(scenario.Jobs.Values, job => job is BackendJob.CleanupGroup);
    }

    [Fact]
    public void Row22_IgnoredSideTaskFails_GroupGoesOn()
    {
        var scenario = TwoRunning().Pod("T2", S.Failed, 1).Expect("T2", S.Failed, S.Running, W.Running)
            .Expect("T", S.Running, S.Running, W.Running);
        Assert.DoesNotContain(scenario.Jobs.Values, job => job is BackendJob.CleanupGroup);
    }

    [Fact]
    public void Row23_SideTaskThatCountsFails_AllFail()
    {
        var scenario = TwoRunning(ignoreNonleadStatus: false).Pod("T2", S.Failed, 1)
            .Expect("T2", S.Failed, S.Failed, W.Failed)
            .Expect("T", S.Failed, S.Failed, W.Failed)
            .ExpectEnding("T", null, "Task T2 Failed.");
        Assert.True(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
    }

    [Fact]
    public void Row24_LeadCompletesAfterIgnoredFailure_CompletedAndErrorLogsAreKept()
    {
        // Upstream collects none here, so the failed side task's error log link shows nothing.
        var scenario = TwoRunning().Pod("T2", S.Failed, 1).Pod("T", S.Completed, 0).Expect("T2", S.Failed, S.Completed, W.Completed);
        Assert.True(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
    }

    [Fact]
    public void Row25_LeadCompletesAfterIgnoredPreemption_Completed() =>
        TwoRunning().Pod("T2", S.FailedPreempted, 3006).Pod("T", S.Completed, 0).Expect("T", S.Completed, S.Completed, W.Completed);

    [Fact]
    public void Row26_SideTaskCompletesUnseenRunning_RunLimitStarts()
    {
        var scenario = new Scenario(Plans.Two()).Pods(S.Scheduling, "T", "T2").Pod("T2", S.Completed, 0)
            .Expect("T2", S.Completed, S.Running, W.Running);
        Assert.Equal(Scenario.Submitted + scenario.Workflow.Plan.ExecTimeout, WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    /// <summary>With the other ends of the table of pod states.</summary>
    [Theory]
    [InlineData(S.FailedEvicted, 3004, S.FailedEvicted, W.FailedEvicted, false)]
    [InlineData(S.FailedImagePull, 302, S.Failed, W.Failed, false)]
    [InlineData(S.FailedBackendError, 3001, S.Failed, W.Failed, true)]
    [InlineData(S.FailedPreempted, 3006, S.FailedPreempted, W.FailedPreempted, true)]
    [InlineData(S.FailedStartError, 3003, S.Failed, W.Failed, false)]
    [InlineData(S.Failed, 2010, S.Failed, W.Failed, true)]
    [InlineData(S.Failed, 7, S.Failed, W.Failed, true)]
    public void Row27To30And70And71_PodFails_GroupAndWorkflowFollow(S reported, int exitCode, S group, W workflow, bool errorLogs)
    {
        var scenario = new Scenario(Plans.One()).Pod("T", S.Running).Pod("T", reported, exitCode, "why")
            .Expect("T", reported, group, workflow).ExpectEnding("T", exitCode, "why");
        Assert.Equal("why", scenario.Group("G").FailureMessage);
        Assert.Equal(errorLogs, scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
        Assert.Empty(scenario.Outbox);
    }

    [Fact]
    public void Row33_CompleteAction_CompletedWithTheCode() =>
        new Scenario(Plans.One().WithExitAction(ExitActionKind.Complete, 16)).Pod("T", S.Failed, 16, "Failure reason:")
            .Expect("T", S.Completed, S.Completed, W.Completed)
            .ExpectEnding("T", 16, "Failure reason:Exit Action: COMPLETE the task for exit code 16.");

    [Fact]
    public void Row34_FailAction_FailedWithTheCode() =>
        new Scenario(Plans.One().WithExitAction(ExitActionKind.Fail, 0)).Pod("T", S.Completed, 0)
            .Expect("T", S.Failed, S.Failed, W.Failed)
            .ExpectEnding("T", 0, "Exit Action: FAIL the task for exit code 0.");

    [Fact]
    public void ExitActions_FailOnPreemption_PlainFailure() =>
        new Scenario(Plans.One().WithExitAction(ExitActionKind.Fail, 3006)).Pod("T", S.FailedPreempted, 3006)
            .Expect("T", S.Failed, S.Failed, W.Failed);

    [Fact]
    public void ExitActions_SameStatusAsReported_NoNote() =>
        new Scenario(Plans.One().WithExitAction(ExitActionKind.Fail, 7)).Pod("T", S.Failed, 7, "m").ExpectEnding("T", 7, "m");

    [Theory]
    [InlineData(10, S.Failed)]
    [InlineData(11, S.Completed)]
    [InlineData(13, S.Completed)]
    [InlineData(14, S.Failed)]
    public void ExitActions_Range_IsInclusive(int exitCode, S expected)
    {
        var plan = Plans.One() with { DefaultExitActions = [new ExitAction(ExitActionKind.Complete, 11, 13)] };
        Assert.Equal(expected, new Scenario(plan).Pod("T", S.Failed, exitCode).Task("T").Status);
    }

    [Fact]
    public void ExitActions_OfTheTask_ComeBeforeThePools()
    {
        var task = Plans.Task("T", lead: true) with { ExitActions = [new ExitAction(ExitActionKind.Complete, 5, 5)] };
        var plan = Plans.Of(Plans.Group("G", task)).WithExitAction(ExitActionKind.Fail, 5).WithExitAction(ExitActionKind.Complete, 6);
        Assert.Equal(S.Completed, new Scenario(plan).Pod("T", S.Failed, 5).Task("T").Status);
        Assert.Equal(S.Completed, new Scenario(plan).Pod("T", S.Failed, 6).Task("T").Status);
    }

    [Fact]
    public void ExitActions_GroupWideEnd_AreNotAsked() =>
        new Scenario(Plans.One().WithExitAction(ExitActionKind.Reschedule, 3002)).JobFails<BackendJob.CreateGroup>("no")
            .Expect("T", S.FailedServerError, S.FailedServerError, W.FailedServerError);

    [Fact]
    public void Row69_PreflightFails_NodeIsLabelled()
    {
        // The node comes with the very report that ends the task: upstream forgets to label it then.
        var scenario = new Scenario(Plans.One()).Pod("T", S.Initializing).Pod("T", S.Failed, 1001, node: "node-a")
            .Expect("T", S.Failed, S.Failed, W.Failed);

        var label = scenario.Job<BackendJob.LabelNode>();
        Assert.Equal("node-a", label.Node);
        Assert.Equal("osmo.last-labeled=2026-08-01,osmo.reason=PreflightTestFailed,osmo.reserved=preflight,osmo.verified=False",
            string.Join(',', label.Labels.Select(pair => $"{pair.Key}={pair.Value}")));
        Assert.True(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
        scenario.JobFails<BackendJob.LabelNode>("forbidden").Expect("T", S.Failed, S.Failed, W.Failed);
    }

    [Fact]
    public void Row64_PodReportAfterTheEnd_Dropped() =>
        new Scenario(Plans.One()).Pod("T", S.Running).Cancel().Pod("T", S.Failed, 143).ExpectNothing()
            .ExpectEnding("T", null, "Task was canceled by user: ann.");
}
