using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>What holds after every step, whatever happened.</summary>
internal static class Invariants
{
    public static void CheckStart(Transition start)
    {
        Assert.True(start.HeadChanged);
        Assert.Equal(start.Next.Groups.Count, start.ChangedGroups.Length);
        Assert.Equal(start.Next.Tasks.Count, start.ChangedTasks.Length);
        CheckRest(start.Next);
    }

    public static void CheckStep(Workflow before, Transition step, WorkflowEvent @event)
    {
        try
        {
            CheckWritten(before, step);
            CheckAttempts(before, step);
            CheckGroups(before, step.Next);
            CheckHead(before.State, step.Next.State);
            CheckCreations(step);
            CheckRest(step.Next);
        }
        catch (Xunit.Sdk.XunitException failure)
        {
            throw new InvalidOperationException($"After {@event}: {failure.Message}", failure);
        }
    }

    /// <summary>The parts that are said to have changed are exactly those that did.</summary>
    private static void CheckWritten(Workflow before, Transition step)
    {
        var next = step.Next;
        Assert.Equal(!ReferenceEquals(before.State, next.State), step.HeadChanged);
        foreach (var (name, group) in next.Groups)
            Assert.Equal(!ReferenceEquals(before.Groups[name], group), step.ChangedGroups.Contains(group));
        foreach (var (name, task) in next.Tasks)
            Assert.Equal(!ReferenceEquals(before.Tasks[name], task), step.ChangedTasks.Contains(task));
    }

    /// <summary>Attempts only move forward, end once, and are replaced one by one by the next number.</summary>
    private static void CheckAttempts(Workflow before, Transition step)
    {
        var current = new Dictionary<string, TaskState>();
        foreach (var task in step.ChangedTasks)
        {
            var former = current.TryGetValue(task.Name, out var changed) ? changed : before.Tasks[task.Name];
            current[task.Name] = task;
            if (task.RetryId != former.RetryId)
            {
                Assert.Equal(former.RetryId + 1, task.RetryId);
                Assert.Equal(S.Rescheduled, former.Status);
                continue;
            }

            if (former.Status.IsFinished)
                Assert.Equal((former.Status, former.EndTime, former.ExitCode, former.FailureMessage),
                    (task.Status, task.EndTime, task.ExitCode, task.FailureMessage));
            else
                Assert.True(task.Status >= former.Status, $"{task.Name} went from {former.Status} to {task.Status}.");
        }

        Assert.All(step.Next.Tasks.Values, task => Assert.NotEqual(S.Rescheduled, task.Status));
    }

    private static void CheckGroups(Workflow before, Workflow next)
    {
        foreach (var group in next.Plan.Groups)
        {
            var (former, state) = (before.Groups[group.Name], next.Groups[group.Name]);
            var tasks = group.Tasks.Select(task => next.Tasks[task.Name]).ToArray();
            if (former.Status.IsFinished)
            {
                Assert.Equal((former.Status, former.EndTime, former.FailureMessage), (state.Status, state.EndTime, state.FailureMessage));
            }
            else if (state.Status.IsFinished)
            {
                CheckEnd(group, state, tasks);
            }
            else
            {
                var expected = Reference.OfLive(tasks);
                Assert.Equal(former.Status > expected ? former.Status : expected, state.Status);
            }
        }
    }

    private static void CheckEnd(GroupPlan group, GroupState state, TaskState[] tasks)
    {
        Assert.All(tasks, task => Assert.True(task.Status.IsFinished));
        if (state.Status.IsCanceled)
        {
            Assert.Contains(tasks, task => task.Status == state.Status);
            return;
        }

        var considered = tasks.Where((_, index) => !group.IgnoreNonleadStatus || group.Tasks[index].Lead).Select(task => task.Status)
            .ToArray();
        Assert.Equal(Reference.Aggregate([.. tasks.Select(task => task.Status)], considered), state.Status);
    }

    private static void CheckHead(WorkflowState before, WorkflowState next)
    {
        if (before.Status.IsFinished)
            Assert.Equal((before.Status, before.StartTime, before.EndTime, before.CancelledBy),
                (next.Status, next.StartTime, next.EndTime, next.CancelledBy));
        if (before.Archived)
            Assert.True(next.Archived);
        if (next.CancelledBy is not null)
            Assert.True(next.Status.IsFinished);
    }

    /// <summary>Nothing is created before what it depends on completed, nor after its group ended.</summary>
    private static void CheckCreations(Transition step)
    {
        foreach (var job in step.NewJobs)
        {
            var group = step.Next.Plan.Groups.Single(group => group.Name == job.Group);
            if (job is BackendJob.CreateGroup)
                Assert.All(group.Upstream, upstream => Assert.Equal(S.Completed, step.Next.Groups[upstream].Status));
        }
    }

    /// <summary>What holds at rest without knowing the past.</summary>
    private static void CheckRest(Workflow workflow)
    {
        var (plan, state) = (workflow.Plan, workflow.State);
        foreach (var group in plan.Groups)
            CheckGroupAtRest(workflow, workflow.Groups[group.Name], group);

        var expected = Reference.OfGroups([.. plan.Groups.Select(group => workflow.Groups[group.Name].Status)]);
        Assert.Equal(expected == WorkflowStatus.Pending && state.StartTime is not null ? WorkflowStatus.Running : expected, state.Status);
        Assert.Equal(state.Status.IsFinished, state.EndTime is not null);
        CheckOrder(state.SubmitTime, state.StartTime, state.EndTime);
    }

    private static void CheckGroupAtRest(Workflow workflow, GroupState group, GroupPlan plan)
    {
        CheckOrder(workflow.State.SubmitTime, group.ProcessingStartTime, group.SchedulingStartTime, group.InitializingStartTime,
            group.StartTime, group.EndTime);
        CheckOrder(group.EndTime, workflow.State.EndTime);
        Assert.Equal(group.Status.IsFinished, group.EndTime is not null);
        var waits = plan.Upstream.Any(name => workflow.Groups[name].Status != S.Completed);
        Assert.Equal(group.Status == S.Waiting, waits && !group.Status.IsFinished);
        Assert.Equal(group.OpenJobs.OrderBy(job => job.Sequence), group.OpenJobs);

        if (group.Status.IsFinished)
        {
            Assert.DoesNotContain(group.OpenJobs, job => job is BackendJob.CreateGroup or BackendJob.RescheduleTask);
            Assert.True(group.CleanedUp || group.CleanupFailure is not null || group.OpenJobs.Any(job => job is BackendJob.CleanupGroup));
        }
        else
        {
            Assert.DoesNotContain(group.OpenJobs, job => job is BackendJob.CleanupGroup);
        }

        foreach (var task in plan.Tasks)
        {
            var attempt = workflow.Tasks[task.Name];
            CheckOrder(attempt.SchedulingStartTime, attempt.InitializingStartTime, attempt.StartTime, attempt.EndTime, group.EndTime);
            Assert.Equal(attempt.Status.IsFinished, attempt.EndTime is not null);
            Assert.Equal(group.Status == S.Waiting, attempt.Status == S.Waiting);
        }
    }

    private static void CheckOrder(params ReadOnlySpan<DateTime?> times)
    {
        DateTime? latest = null;
        foreach (var time in times)
        {
            if (time is null)
                continue;

            Assert.True(latest is null || latest <= time, $"{latest:O} is written before {time:O}.");
            latest = time;
        }
    }
}
