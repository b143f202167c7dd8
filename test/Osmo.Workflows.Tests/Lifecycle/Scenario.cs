using Osmo.Workflows.Lifecycle;
using S = Osmo.Workflows.Lifecycle.TaskGroupStatus;
using W = Osmo.Workflows.Lifecycle.WorkflowStatus;

namespace Osmo.Workflows.Tests.Lifecycle;

/// <summary>
/// One workflow driven event by event, with the job rows that its transitions leave behind.
/// Every step is checked against <see cref="Invariants"/>.
/// </summary>
internal sealed class Scenario
{
    public static readonly DateTime Submitted = new(2026, 8, 1, 10, 0, 0, DateTimeKind.Utc);

    private readonly Dictionary<(string, int), TaskState> _attempts = [];
    private readonly Dictionary<string, BackendJob> _jobs = [];
    private readonly HashSet<string> _jobsEver = [];

    public Scenario(WorkflowPlan plan)
    {
        Now = Submitted;
        Last = WorkflowMachine.Start(plan, Now);
        Invariants.CheckStart(Last);
        Record();
    }

    public Transition Last { get; private set; }

    public DateTime Now { get; set; }

    public Workflow Workflow => Last.Next;

    public W Status => Workflow.State.Status;

    public IReadOnlyDictionary<string, BackendJob> Jobs => _jobs;

    public IReadOnlyCollection<string> JobsEver => _jobsEver;

    public TaskState Task(string name) => Workflow.Tasks[name];

    public TaskState Attempt(string name, int retryId) => _attempts[(name, retryId)];

    public GroupState Group(string name) => Workflow.Groups[name];

    public IEnumerable<OutboxKind> Outbox => Workflow.State.Outbox.Select(entry => entry.Kind);

    /// <summary>Applies an event, and then once more: the second time nothing may change.</summary>
    public Scenario Do(WorkflowEvent @event)
    {
        var before = Workflow;
        Last = WorkflowMachine.Apply(before, @event, Now);
        Invariants.CheckStep(before, Last, @event);
        Record();

        var again = WorkflowMachine.Apply(Workflow, @event, Now);
        Assert.True(again.ChangedNothing, $"{@event} changed something the second time.");
        Assert.Same(Workflow, again.Next);
        return this;
    }

    public Scenario Pod(string task, S status, int? exitCode = null, string message = "", string? node = null, int? retryId = null) =>
        Do(new WorkflowEvent.PodReported(Plans.UuidOf("task", task), retryId ?? Task(task).RetryId, status, message, exitCode, node, null));

    public Scenario Pods(S status, params string[] tasks) => tasks.Aggregate(this, (scenario, task) => scenario.Pod(task, status));

    public Scenario Starting(string task, string message = "") =>
        Do(new WorkflowEvent.PodStarting(Plans.UuidOf("task", task), Task(task).RetryId, message));

    public Scenario Cancel(string? message = null, bool force = false) => Do(new WorkflowEvent.CancelRequested("ann", message, force));

    public Scenario After(TimeSpan time)
    {
        Now += time;
        return Do(new WorkflowEvent.TimePassed());
    }

    public Scenario Barrier(string task) => Do(new WorkflowEvent.BarrierReached(task, Task(task).RetryId));

    public Scenario JobDone<T>() where T : BackendJob => Do(new WorkflowEvent.JobSucceeded(Job<T>().JobId));

    public Scenario JobFails<T>(string message) where T : BackendJob => Do(new WorkflowEvent.JobFailed(Job<T>().JobId, message));

    public Scenario Performed(OutboxKind kind) =>
        Do(new WorkflowEvent.OutboxPerformed(Workflow.State.Outbox.Single(entry => entry.Kind == kind).Id));

    /// <summary>The only open job of a kind.</summary>
    public T Job<T>() where T : BackendJob => Assert.Single(_jobs.Values.OfType<T>());

    public Scenario Expect(string task, S taskStatus, S groupStatus, W workflowStatus)
    {
        Assert.Equal((taskStatus, groupStatus, workflowStatus), (Task(task).Status, Group(Task(task).Group).Status, Status));
        return this;
    }

    public Scenario ExpectNothing()
    {
        Assert.True(Last.ChangedNothing);
        return this;
    }

    public Scenario ExpectEnding(string task, int? exitCode, string? message)
    {
        Assert.Equal((exitCode, message), (Task(task).ExitCode, Task(task).FailureMessage));
        return this;
    }

    private void Record()
    {
        foreach (var attempt in Last.ChangedTasks)
            _attempts[(attempt.Name, attempt.RetryId)] = attempt;
        foreach (var id in Last.ClosedJobs)
            Assert.True(_jobs.Remove(id), $"Job {id} was closed, but was not open.");
        foreach (var job in Last.NewJobs)
        {
            Assert.True(_jobsEver.Add(job.JobId), $"Job id {job.JobId} was used twice.");
            _jobs.Add(job.JobId, job);
        }

        Assert.Equal(_jobs.Count, Workflow.Groups.Values.Sum(group => group.OpenJobs.Length));
        Assert.All(Workflow.Groups.Values, group => Assert.All(group.OpenJobs, job => Assert.Same(job, _jobs[job.JobId])));
    }
}
