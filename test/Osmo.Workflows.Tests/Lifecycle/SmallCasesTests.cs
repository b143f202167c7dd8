using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>
/// Every order of up to five pod reports on a group of two tasks: 111,110 histories for each setting, each step checked against the
/// invariants.
/// </summary>
public sealed class SmallCasesTests
{
    private const int Steps = 5;
    private const int Rescheduling = 9;

    private static readonly (string Task, S Status)[] Reports =
    [
        .. from task in new[] { "T", "T2" }
           from status in new[] { S.Scheduling, S.Initializing, S.Running, S.Completed, S.Failed }
           select (task, status),
    ];

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    public void EveryOrderOfFiveReports_KeepsTheInvariants(bool ignoreNonleadStatus, int retryLimit)
    {
        var plan = Plans.Two(ignoreNonleadStatus).WithExitAction(ExitActionKind.Reschedule, Rescheduling, retryLimit);
        var histories = Explore(WorkflowMachine.Start(plan, Scenario.Submitted).Next, Scenario.Submitted, Steps);
        Assert.Equal(111_110, histories);
    }

    private static int Explore(Workflow workflow, DateTime now, int steps)
    {
        if (steps == 0)
            return 0;

        var histories = 0;
        foreach (var (task, status) in Reports)
        {
            int? exitCode = status == S.Failed ? Rescheduling : null;
            var retryId = workflow.Tasks[task].RetryId;
            var report = new WorkflowEvent.PodReported(Plans.UuidOf("task", task), retryId, status, "", exitCode, null, null);
            var step = WorkflowMachine.Apply(workflow, report, now);
            Invariants.CheckStep(workflow, step, report);
            Assert.True(WorkflowMachine.Apply(step.Next, report, now).ChangedNothing);
            histories += 1 + Explore(step.Next, now.AddSeconds(1), steps - 1);
        }

        return histories;
    }
}
