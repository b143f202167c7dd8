using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;
using W = Osmo.Workflows.Lifecycle.WorkflowStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>Rows 31, 32 and 35 to 41 of the contract's test matrix (contract: lifecycle §26): attempts that replace attempts.</summary>
public sealed class RetryTests
{
    private const int Preempted = 3006;

    private static Scenario One(int limit = 2) =>
        new Scenario(Plans.One().WithExitAction(ExitActionKind.Reschedule, Preempted, limit)).JobDone<BackendJob.CreateGroup>();

    private static Scenario TwoRunning(bool ignoreNonleadStatus) =>
        new Scenario(Plans.Two(ignoreNonleadStatus).WithExitAction(ExitActionKind.Reschedule, Preempted)).JobDone<BackendJob.CreateGroup>()
            .Pods(S.Running, "T", "T2").Barrier("T").Barrier("T2");

    private static Scenario Preempt(Scenario scenario, string task) =>
        scenario.Pod(task, S.FailedPreempted, Preempted, "Pod was preempted at noon. ");

    [Fact]
    public void Row31_Preempted_IsRescheduled()
    {
        var scenario = Preempt(One().Pod("T", S.Running), "T").Expect("T", S.Processing, S.Running, W.Running);

        Assert.Equal(1, scenario.Task("T").RetryId);
        var ended = scenario.Attempt("T", 0);
        Assert.Equal((S.Rescheduled, Preempted), (ended.Status, ended.ExitCode!.Value));
        Assert.Equal("Pod was preempted at noon. Exit Action: RESCHEDULE the task for exit code 3006.", ended.FailureMessage);
        var job = scenario.Job<BackendJob.RescheduleTask>();
        Assert.Equal(($"{Plans.Uuid}-T-1-reschedule", "T", 1), (job.JobId, job.Task, job.RetryId));
        Assert.Single(scenario.Jobs);
        Assert.Equal([0, 1], scenario.Last.ChangedTasks.Select(task => task.RetryId));
    }

    [Fact]
    public void Row32_RetryLimitReached_Fails() =>
        Preempt(One(limit: 0).Pod("T", S.Running), "T")
            .Expect("T", S.FailedPreempted, S.FailedPreempted, W.FailedPreempted)
            .ExpectEnding("T", Preempted, "Pod was preempted at noon. No exit action applied due to retry limit 0.");

    [Fact]
    public void Reschedule_UpToTheLimit_ThenFails()
    {
        var scenario = One(limit: 2);
        for (var retry = 1; retry <= 2; retry++)
        {
            Preempt(scenario, "T");
            Assert.Equal(retry, scenario.Task("T").RetryId);
        }

        Preempt(scenario, "T").Expect("T", S.FailedPreempted, S.FailedPreempted, W.FailedPreempted);
        Assert.Equal(2, scenario.Task("T").RetryId);
    }

    [Fact]
    public void Row35_LeadRescheduled_OthersRestartAndMeetAgain()
    {
        var scenario = Preempt(TwoRunning(ignoreNonleadStatus: true), "T").Expect("T", S.Processing, S.Running, W.Running)
            .Expect("T2", S.Running, S.Running, W.Running);

        Assert.Equal([new RuntimeAction.Restart("T2", 0, 1)], scenario.Last.Actions.AsEnumerable());
        Assert.False(WorkflowMachine.IsBarrierOpen(scenario.Workflow, "G"));
        scenario.Barrier("T2");
        Assert.Empty(scenario.Last.Actions);
        scenario.Barrier("T");
        Assert.Equal([new RuntimeAction.ReleaseBarrier("T", 1), new RuntimeAction.ReleaseBarrier("T2", 0)],
            scenario.Last.Actions.AsEnumerable());
    }

    [Fact]
    public void Row35_LeadRescheduled_FinishedTasksAreNotRestarted()
    {
        var scenario = Preempt(TwoRunning(ignoreNonleadStatus: true).Pod("T2", S.Completed, 0), "T");
        Assert.Empty(scenario.Last.Actions);
    }

    [Fact]
    public void Restart_AtABarrier_IsDueUntilTheTaskComesThere()
    {
        var scenario = Preempt(TwoRunning(ignoreNonleadStatus: true), "T");
        Assert.Equal([new RuntimeAction.Restart("T2", 0, 1)], Restarts.Due(scenario.Workflow));

        scenario.Do(new WorkflowEvent.RestartSent("T2", 0, 1)).ExpectNothing();
        scenario.Barrier("T2");
        Assert.Empty(Restarts.Due(scenario.Workflow));
    }

    [Fact]
    public void Restart_WithoutBarrier_IsDueUntilItWasSent()
    {
        var plan = Plans.Of(Plans.Group("G", Plans.Task("T", lead: true), Plans.Task("T2")) with { Barrier = false });
        var scenario = new Scenario(plan.WithExitAction(ExitActionKind.Reschedule, Preempted)).Pods(S.Running, "T", "T2");
        Preempt(scenario, "T");
        scenario.Pod("T", S.Running);
        Preempt(scenario, "T");

        scenario.Do(new WorkflowEvent.RestartSent("T2", 0, 1)).ExpectNothing();
        Assert.Equal([new RuntimeAction.Restart("T2", 0, 2)], Restarts.Due(scenario.Workflow));
        scenario.Do(new WorkflowEvent.RestartSent("T2", 0, 2));
        Assert.Empty(Restarts.Due(scenario.Workflow));
    }

    [Fact]
    public void Restart_OfATaskThatHasEnded_IsNotDue() =>
        Assert.Empty(Restarts.Due(Preempt(TwoRunning(ignoreNonleadStatus: true), "T").Pod("T2", S.Failed, 1).Workflow));

    [Fact]
    public void Row36_IgnoredSideTaskRescheduled_LeadGoesOn()
    {
        var scenario = Preempt(TwoRunning(ignoreNonleadStatus: true), "T2").Expect("T2", S.Processing, S.Running, W.Running)
            .Expect("T", S.Running, S.Running, W.Running);
        Assert.Empty(scenario.Last.Actions);
        Assert.True(scenario.Task("T").AtBarrier);
        Assert.Equal("T2", scenario.Job<BackendJob.RescheduleTask>().Task);
    }

    [Fact]
    public void Row37_SideTaskThatCountsRescheduled_LeadRestarts()
    {
        var scenario = Preempt(TwoRunning(ignoreNonleadStatus: false), "T2").Expect("T2", S.Processing, S.Running, W.Running)
            .Expect("T", S.Running, S.Running, W.Running);
        Assert.Equal([new RuntimeAction.Restart("T", 0, 1)], scenario.Last.Actions.AsEnumerable());
        Assert.False(scenario.Task("T").AtBarrier);
    }

    [Fact]
    public void Row38_NewAttemptPending_NoQueueLimit()
    {
        var scenario = Preempt(One().Pod("T", S.Running), "T");
        var deadline = WorkflowMachine.NextDeadline(scenario.Workflow);
        scenario.Pod("T", S.Scheduling).Expect("T", S.Scheduling, S.Running, W.Running);
        Assert.Equal(deadline, WorkflowMachine.NextDeadline(scenario.Workflow));
    }

    [Fact]
    public void Reschedule_BeforeTheGroupRan_GroupIsInitializing() =>
        One().Pod("T", S.Scheduling).Pod("T", S.FailedPreempted, Preempted).Expect("T", S.Processing, S.Initializing, W.Pending);

    [Fact]
    public void Row39_RescheduleFails_BackendError()
    {
        var scenario = Preempt(One().Pod("T", S.Running), "T").JobFails<BackendJob.RescheduleTask>("pod stuck")
            .Expect("T", S.FailedBackendError, S.Failed, W.Failed)
            .ExpectEnding("T", 3001, "RescheduleTask job failed: pod stuck");
        Assert.True(scenario.Job<BackendJob.CleanupGroup>().ErrorLogs);
    }

    [Fact]
    public void Row39_RescheduleFailsWithAnAction_TriesOnceMore()
    {
        var plan = Plans.One().WithExitAction(ExitActionKind.Reschedule, Preempted).WithExitAction(ExitActionKind.Reschedule, 3001);
        var scenario = Preempt(new Scenario(plan).JobDone<BackendJob.CreateGroup>(), "T").JobFails<BackendJob.RescheduleTask>("no");
        Assert.Equal(2, scenario.Job<BackendJob.RescheduleTask>().RetryId);
    }

    [Fact]
    public void RescheduleFails_PodWasSeen_AttemptIsHealthy()
    {
        var scenario = Preempt(One().Pod("T", S.Running), "T").Pod("T", S.Scheduling).JobFails<BackendJob.RescheduleTask>("socket lost")
            .Expect("T", S.Scheduling, S.Running, W.Running);
        Assert.Empty(scenario.Jobs);
    }

    [Fact]
    public void Reschedule_FormerJobUnconfirmed_IsMoot()
    {
        var scenario = Preempt(Preempt(One().Pod("T", S.Running), "T").Pod("T", S.Running), "T");
        Assert.Equal(2, scenario.Job<BackendJob.RescheduleTask>().RetryId);
        Assert.Equal([$"{Plans.Uuid}-T-1-reschedule"], scenario.Last.ClosedJobs.AsEnumerable());
    }

    [Fact]
    public void Row40_CancelWhileRescheduling_ClosedAndCleanedUpAfter()
    {
        // The clean-up is ordered after the job in flight, so there is no second one an hour later.
        var scenario = Preempt(One().Pod("T", S.Running), "T");
        var reschedule = scenario.Job<BackendJob.RescheduleTask>();
        scenario.Cancel().Expect("T", S.FailedCanceled, S.FailedCanceled, W.FailedCanceled);

        Assert.Equal([reschedule.JobId], scenario.Last.ClosedJobs.AsEnumerable());
        var cleanup = scenario.Job<BackendJob.CleanupGroup>();
        Assert.True(cleanup.Sequence > reschedule.Sequence);
        Assert.True(cleanup.ErrorLogs);
        scenario.Do(new WorkflowEvent.JobSucceeded(reschedule.JobId)).ExpectNothing();
        scenario.Do(new WorkflowEvent.JobFailed(reschedule.JobId, "late")).ExpectNothing();
    }

    [Fact]
    public void Row41_ReportOfAFormerAttempt_Dropped() =>
        Preempt(One().Pod("T", S.Running), "T").Pod("T", S.Running).Pod("T", S.Failed, 1, retryId: 0).ExpectNothing()
            .Expect("T", S.Running, S.Running, W.Running);
}
