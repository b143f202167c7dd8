using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>contract: lifecycle §8, runtime-protocol §8.</summary>
public sealed class BarrierTests
{
    private static Scenario Three() =>
        new Scenario(Plans.Of(Plans.Group("G", Plans.Task("T", lead: true), Plans.Task("T2"), Plans.Task("T3")))
            .WithExitAction(ExitActionKind.Reschedule, 9, limit: 1)).Pods(S.Running, "T", "T2", "T3");

    private static IEnumerable<string> Released(Scenario scenario) =>
        scenario.Last.Actions.Cast<RuntimeAction.ReleaseBarrier>().Select(action => $"{action.Task}/{action.RetryId}");

    [Fact]
    public void BarrierReached_LastMember_AllAreReleased()
    {
        var scenario = Three().Barrier("T2").Barrier("T");
        Assert.Empty(scenario.Last.Actions);
        Assert.False(WorkflowMachine.IsBarrierOpen(scenario.Workflow, "G"));
        Assert.Equal(["T/0", "T2/0", "T3/0"], Released(scenario.Barrier("T3")));
        Assert.True(WorkflowMachine.IsBarrierOpen(scenario.Workflow, "G"));
    }

    [Fact]
    public void BarrierReached_AskedAgainWhileClosed_NothingIsSent()
    {
        var scenario = Three().Barrier("T").Barrier("T").ExpectNothing();
        Assert.Empty(scenario.Last.Actions);
    }

    [Fact]
    public void BarrierReached_AskedAgainWhenOpen_ReleasedAtOnce() =>
        Assert.Equal(["T2/0"], Released(Three().Barrier("T").Barrier("T2").Barrier("T3").Barrier("T2").ExpectNothing()));

    [Fact]
    public void SideTaskEnds_OthersWaitedForItAlone_Released() =>
        Assert.Equal(["T/0", "T2/0"], Released(Three().Barrier("T").Barrier("T2").Pod("T3", S.Completed, 0)));

    [Fact]
    public void SideTaskEnds_AfterPassing_NobodyIsToldAgain() =>
        Assert.Empty(Three().Barrier("T").Barrier("T2").Barrier("T3").Pod("T3", S.Failed, 1).Last.Actions);

    [Fact]
    public void SideTaskRescheduled_WhileWaiting_ItsFormerAttemptDoesNotCount()
    {
        // Upstream counts the name: the lead would start before the new attempt is there.
        var scenario = Three().Barrier("T2").Barrier("T3").Pod("T2", S.Failed, 9).Barrier("T");
        Assert.Empty(scenario.Last.Actions);
        Assert.Equal(["T/0", "T2/1", "T3/0"], Released(scenario.Pod("T2", S.Running).Barrier("T2")));
    }

    [Fact]
    public void BarrierReached_GroupWithoutBarrier_ReleasedAtOnce() =>
        Assert.Equal(["T/0"], Released(new Scenario(Plans.One()).Pod("T", S.Running).Barrier("T").ExpectNothing()));

    [Fact]
    public void BarrierReached_FormerOrUnknownAttempt_Dropped()
    {
        var scenario = Three().Pod("T2", S.Failed, 9);
        scenario.Do(new WorkflowEvent.BarrierReached("T2", 0)).ExpectNothing();
        scenario.Do(new WorkflowEvent.BarrierReached("nobody", 0)).ExpectNothing();
        Assert.Empty(scenario.Last.Actions);
    }

    [Fact]
    public void TransferMeasured_AfterTheEnd_IsKept()
    {
        var (start, end) = (Scenario.Submitted.AddSeconds(1), Scenario.Submitted.AddSeconds(9));
        var scenario = new Scenario(Plans.One()).Pod("T", S.Completed, 0);
        scenario.Do(new WorkflowEvent.TransferMeasured("T", 0, IsUpload: true, start, end));
        scenario.Do(new WorkflowEvent.TransferMeasured("T", 0, IsUpload: false, start, null));
        scenario.Do(new WorkflowEvent.TransferMeasured("T", 1, IsUpload: false, end, end)).ExpectNothing();
        var task = scenario.Task("T");
        Assert.Equal((start, end), (task.OutputUploadStartTime, task.OutputUploadEndTime));
        Assert.Equal((start, null), (task.InputDownloadStartTime, task.InputDownloadEndTime));
    }
}
