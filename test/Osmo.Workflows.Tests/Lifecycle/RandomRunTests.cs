using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>
/// Ten thousand random workflows under random events, in any order, from any time: late, early, repeated, contradictory. Each step is
/// checked; then the world behaves, and every workflow must end, clean and archived. A failure names its seed.
/// </summary>
public sealed class RandomRunTests
{
    private const int RunsPerSlice = 2_500;
    private const int EventsMax = 40;

    /// <summary>Every round of a well-behaved world ends at least one attempt.</summary>
    private const int RoundsMax = 100;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomEvents_KeepTheInvariantsAndEveryWorkflowEnds(int slice)
    {
        var ended = new HashSet<WorkflowStatus>();
        for (var seed = slice * RunsPerSlice; seed < (slice + 1) * RunsPerSlice; seed++)
        {
            try
            {
                ended.Add(Run(new Random(seed)));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"Seed {seed}: {failure.Message}", failure);
            }
        }

        // The runs would prove little if they all ended alike.
        Assert.Superset(
            new HashSet<WorkflowStatus>
            {
                WorkflowStatus.Completed,
                WorkflowStatus.Failed,
                WorkflowStatus.FailedCanceled,
                WorkflowStatus.FailedServerError,
                WorkflowStatus.FailedExecTimeout,
                WorkflowStatus.FailedQueueTimeout,
                WorkflowStatus.FailedEvicted,
                WorkflowStatus.FailedPreempted,
            },
            ended);
    }

    private static WorkflowStatus Run(Random random)
    {
        var scenario = new Scenario(RandomPlan(random));
        var events = new RandomEvents(random, scenario);
        for (var count = random.Next(EventsMax); count > 0; count--)
        {
            scenario.Now += TimeSpan.FromSeconds(random.Next(-30, 600));
            scenario.Do(events.Next());
            if (scenario.Last.NewJobs.Any(job => job is BackendJob.CreateGroup or BackendJob.RescheduleTask))
                Assert.Null(scenario.Workflow.State.CancelledBy);
        }

        scenario.After(TimeSpan.Zero);
        Assert.False(WorkflowMachine.NextDeadline(scenario.Workflow) <= scenario.Now);
        Finish(scenario);
        return scenario.Status;
    }

    /// <summary>Jobs succeed in order, pods complete, effects are performed.</summary>
    private static void Finish(Scenario scenario)
    {
        for (var round = 0; !scenario.Workflow.State.Archived || scenario.Jobs.Count > 0 || scenario.Outbox.Any(); round++)
        {
            Assert.True(round < RoundsMax, "The workflow does not end.");
            foreach (var job in scenario.Jobs.Values.OrderBy(job => job.Sequence).ToArray())
                scenario.Do(new WorkflowEvent.JobSucceeded(job.JobId));
            foreach (var task in scenario.Workflow.Tasks.Values.Where(task => task.Status != S.Waiting && !task.Status.IsFinished))
                scenario.Pod(task.Name, S.Completed);
            foreach (var entry in scenario.Workflow.State.Outbox)
                scenario.Do(new WorkflowEvent.OutboxPerformed(entry.Id));
        }

        Assert.True(scenario.Status.IsFinished);
        Assert.Null(WorkflowMachine.NextDeadline(scenario.Workflow));
        Assert.All(scenario.Workflow.Groups.Values, group => Assert.True(group.CleanedUp || group.CleanupFailure is not null));
    }

    private static WorkflowPlan RandomPlan(Random random)
    {
        var groups = new GroupPlan[random.Next(1, 6)];
        for (var number = 0; number < groups.Length; number++)
        {
            var tasks = Enumerable.Range(0, random.Next(1, 5)).Select(index => Plans.Task($"t{number}-{index}", lead: index == 0))
                .ToArray();
            random.Shuffle(tasks);
            groups[number] = Plans.Group($"g{number}", tasks) with
            {
                IgnoreNonleadStatus = random.Next(2) == 0,
                Upstream = [.. Enumerable.Range(0, number).Where(_ => random.Next(3) == 0).Select(upstream => $"g{upstream}")],
            };
        }

        return Plans.Of(groups) with
        {
            ExecTimeout = TimeSpan.FromMinutes(random.Next(20, 200)),
            QueueTimeout = TimeSpan.FromMinutes(random.Next(5, 200)),
            StartTimeout = TimeSpan.FromMinutes(random.Next(5, 60)),
            MaxRetriesPerTask = random.Next(4),
            DefaultExitActions = [.. RandomActions(random)],
        };
    }

    private static IEnumerable<ExitAction> RandomActions(Random random) =>
        from code in new[] { 0, 7, 3001, 3005, 3006 }
        where random.Next(3) == 0
        select new ExitAction((ExitActionKind)random.Next(1, 4), code, code);
}

/// <summary>Events that may or may not fit the state of a workflow.</summary>
internal sealed class RandomEvents(Random random, Scenario scenario)
{
    private static readonly S[] Reported =
    [
        S.Scheduling, S.Scheduling, S.Initializing, S.Initializing, S.Running, S.Running, S.Running, S.Completed, S.Failed,
        S.FailedEvicted, S.FailedImagePull, S.FailedPreempted, S.FailedBackendError, S.FailedCanceled, S.Waiting, S.Rescheduled,
    ];

    private static readonly int?[] ExitCodes = [null, 0, 1, 7, 1001, 3001, 3006];

    public WorkflowEvent Next() => random.Next(100) switch
    {
        < 55 => Report(),
        < 62 => new WorkflowEvent.PodStarting(Uuid(), Retry(Task()), "starting"),
        < 70 => new WorkflowEvent.JobSucceeded(JobId()),
        < 75 => new WorkflowEvent.JobFailed(JobId(), "no"),
        < 82 => new WorkflowEvent.TimePassed(),
        < 84 => new WorkflowEvent.NodeRemoved(Node()),
        < 92 => Barrier(),
        < 94 => new WorkflowEvent.TransferMeasured(Task().Name, 0, random.Next(2) == 0, scenario.Now, scenario.Now),
        < 96 => new WorkflowEvent.OutboxPerformed($"{Plans.Uuid}-archive"),
        96 => new WorkflowEvent.CancelRequested("ann", null, random.Next(2) == 0),
        97 => random.Next(4) == 0 ? new WorkflowEvent.BackendRemoved() : Report(),
        98 => new WorkflowEvent.LeftoverSeen(Plans.UuidOf("group", Task().Group)),
        _ => Report(),
    };

    private WorkflowEvent.PodReported Report()
    {
        var task = Task();
        var status = Pick(Reported);
        var exitCode = status.IsFinished ? Pick(ExitCodes) : null;
        return new(Plans.UuidOf("task", task.Name), Retry(task), status, "m", exitCode, Node(), "10.0.0.1");
    }

    private WorkflowEvent.BarrierReached Barrier()
    {
        var task = Task();
        return new(task.Name, Retry(task));
    }

    private TaskState Task() => Pick([.. scenario.Workflow.Tasks.Values.OrderBy(task => task.Name, StringComparer.Ordinal)]);

    private string Uuid() => random.Next(20) == 0 ? "unknown" : Plans.UuidOf("task", Task().Name);

    /// <summary>Mostly the current attempt.</summary>
    private int Retry(TaskState task) => task.RetryId + random.Next(12) switch { 0 => -1, 1 => 1, _ => 0 };

    private string Node() => $"node-{random.Next(3)}";

    /// <summary>Of an open job, or of any that ever was.</summary>
    private string JobId()
    {
        IEnumerable<string> ids = random.Next(3) > 0 && scenario.Jobs.Count > 0 ? scenario.Jobs.Keys : scenario.JobsEver;
        return Pick([.. ids.Order(StringComparer.Ordinal)]);
    }

    private T Pick<T>(T[] values) => values[random.Next(values.Length)];
}
