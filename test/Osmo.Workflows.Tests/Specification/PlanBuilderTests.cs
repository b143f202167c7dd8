using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Tests.Specification;

public sealed class PlanBuilderTests
{
    [Fact]
    public void Build_Diamond_LinksGroupsInOrder()
    {
        var plan = Plan(
            """
            workflow:
              name: d
              tasks:
              - {name: src, image: i, command: [c]}
              - {name: left, image: i, command: [c], inputs: [{task: src}, {task: src}]}
              - {name: right, image: i, command: [c], inputs: [{task: src}]}
              - {name: sink, image: i, command: [c], inputs: [{task: right}, {task: left}]}
            """);

        Assert.Equal(
            ["src-group: [] [left-group right-group]", "left-group: [src-group] [sink-group]", "right-group: [src-group] [sink-group]",
                "sink-group: [left-group right-group] []"],
            plan.Groups.Select(group => $"{group.Name}: [{string.Join(' ', group.Upstream)}] [{string.Join(' ', group.Downstream)}]"));
        Assert.Equal(
            ["u0", "u1", "u2", "u3"], plan.Groups.Take(2).SelectMany(group => group.Tasks.Select(task => task.Uuid).Prepend(group.Uuid)));
        Assert.All(plan.Groups, group => Assert.False(group.Barrier));
        Assert.All(plan.Groups, group => Assert.True(group.Tasks[0].Lead));
    }

    [Fact]
    public void Build_Group_HasBarrierExitActionsAndResources()
    {
        var plan = Plan(
            """
            workflow:
              name: g
              timeout: {exec_timeout: 90d, queue_timeout: 0}
              resources: {default: {}, big: {cpu: 4, gpu: 2, memory: 1073741824, storage: 512Mi}}
              groups:
              - name: pair
                ignoreNonleadStatus: false
                tasks:
                - {name: a, lead: true, image: i, command: [c], exitActions: {RESCHEDULE: '1-4,7', complete: 3, FAIL: '9'}}
                - {name: b, image: i, command: [c], resource: big}
            """);

        var group = Assert.Single(plan.Groups);
        Assert.True(group.Barrier);
        Assert.False(group.IgnoreNonleadStatus);
        Assert.Equal(
            [new ExitAction(ExitActionKind.Fail, 9, 9), new(ExitActionKind.Complete, 3, 3), new(ExitActionKind.Reschedule, 1, 4), new(
                ExitActionKind.Reschedule, 7, 7)],
            group.Tasks[0].ExitActions.AsEnumerable());
        Assert.Equal(new TaskResources(1, 1, 1, 0), group.Tasks[0].Resources);
        Assert.Equal(new TaskResources(0.5, 4, 1, 2), group.Tasks[1].Resources);
        Assert.Equal((TimeSpan.FromDays(60), TimeSpan.FromDays(60)), (plan.ExecTimeout, plan.QueueTimeout));
        Assert.Equal(
            ("g-1", "u", "main", "default", WorkflowPriority.Low), (plan.WorkflowId, plan.User, plan.Pool, plan.Backend, plan.Priority));
    }

    [Theory]
    [InlineData("1s", 1)]
    [InlineData("1.4", 1)]
    [InlineData("1500ms", 2)]
    [InlineData("PT1H0.5S", 3601)]
    [InlineData("0ms", 60 * 86400)]
    [InlineData("90d", 60 * 86400)]
    public void Build_Timeouts_AreWholeSeconds(string given, int seconds)
    {
        var plan = Plan(
            $$"""
            workflow:
              name: w
              timeout: {exec_timeout: {{given}}, queue_timeout: {{given}}}
              tasks:
              - {name: a, image: i, command: [c]}
            """);
        Assert.Equal((TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds)), (plan.ExecTimeout, plan.QueueTimeout));
    }

    private static WorkflowPlan Plan(string text)
    {
        var next = 0;
        var spec = Assert.IsType<SpecOutcome.Accepted>(MainPool.Read(text)).Spec;
        return PlanBuilder.Build(spec, new PlanContext
        {
            WorkflowUuid = SpecCases.Uuid, WorkflowId = spec.Name + "-1", User = "u", Priority = WorkflowPriority.Low, Pool = MainPool.Pool,
            StartTimeout = TimeSpan.FromMinutes(30), MaxRetriesPerTask = 0, NewUuid = () => $"u{next++}",
        });
    }
}
