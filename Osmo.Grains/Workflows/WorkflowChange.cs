using System.Collections.Immutable;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Workflows;

/// <summary>One or several transitions in a row, to be committed at once: of every part only its last state is written.</summary>
internal sealed record WorkflowChange(
    Workflow Next,
    ImmutableArray<GroupState> Groups,
    ImmutableArray<TaskState> Tasks,
    ImmutableArray<BackendJob> NewJobs,
    ImmutableArray<string> ClosedJobs,
    ImmutableArray<RuntimeAction> Actions,
    bool HeadChanged)
{
    public bool IsEmpty => !HeadChanged && Groups.IsEmpty && Tasks.IsEmpty && NewJobs.IsEmpty && ClosedJobs.IsEmpty;

    public static WorkflowChange Of(Transition transition) => new(
        transition.Next, transition.ChangedGroups, transition.ChangedTasks, transition.NewJobs, transition.ClosedJobs, transition.Actions, transition.HeadChanged);

    /// <summary>Applies the events one after the other.</summary>
    public static WorkflowChange Fold(Workflow workflow, IEnumerable<WorkflowEvent> events, DateTime now)
    {
        var next = workflow;
        var groups = new Dictionary<string, GroupState>(StringComparer.Ordinal);
        var tasks = new OrderedDictionary<(string, int), TaskState>();
        var jobs = new OrderedDictionary<string, BackendJob>(StringComparer.Ordinal);
        var closed = new HashSet<string>(StringComparer.Ordinal);
        var actions = ImmutableArray.CreateBuilder<RuntimeAction>();
        var headChanged = false;
        foreach (var happened in events)
        {
            var transition = WorkflowMachine.Apply(next, happened, now);
            next = transition.Next;
            headChanged |= transition.HeadChanged;
            foreach (var group in transition.ChangedGroups)
            {
                groups[group.Name] = group;
            }

            foreach (var task in transition.ChangedTasks)
            {
                tasks[(task.Name, task.RetryId)] = task;
            }

            foreach (var job in transition.NewJobs)
            {
                jobs[job.JobId] = job;
            }

            foreach (var id in transition.ClosedJobs)
            {
                jobs.Remove(id);
                closed.Add(id);
            }

            actions.AddRange(transition.Actions);
        }

        return new WorkflowChange(next, [.. groups.Values], [.. tasks.Values], [.. jobs.Values], [.. closed], actions.ToImmutable(), headChanged);
    }

    /// <summary>The new jobs with the place each has among all jobs of the backend.</summary>
    public IEnumerable<(BackendJob Job, long Order)> OrderedJobs(DateTime now) => NewJobs.Select((job, index) => (job, now.Ticks + index));
}
