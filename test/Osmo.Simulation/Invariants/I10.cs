using Osmo.Simulation.Record;
using Osmo.Simulation.Users;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Invariants;

/// <summary>Limits are never exceeded, however many submit at once, and nobody is refused who is below them; no task has more attempts than it may have.</summary>
internal sealed class I10 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run)
    {
        var users = run.Workflows.GroupBy(workflow => workflow.User).ToDictionary(user => user.Key, user => Ongoing.Of(run, user.Key));
        return users.SelectMany(user => Exceeded(user.Key, user.Value)).Concat(RefusedBelow(run, users)).Concat(Attempts(run));
    }

    private static IEnumerable<string> Exceeded(string user, List<Ongoing> moments) =>
        from moment in moments
        where moment.IsSubmit && (moment.Workflows > Deployment.WorkflowsMax || moment.Tasks > Deployment.TasksMax)
        select $"{user} had {moment.Workflows} workflows and {moment.Tasks} tasks going at {moment.Since:T}";

    private static IEnumerable<string> RefusedBelow(RunRecord run, Dictionary<string, List<Ongoing>> users) =>
        from workflow in run.Workflows
        where workflow is { Refused: not null, Spec: not null }
        let refused = workflow.Refused.GetValueOrDefault()
        let until = refused.At
        let moments = users[workflow.User]
        let during = moments.Where(moment => moment.Since >= workflow.SubmittedAt && moment.Since <= until).Concat(moments.Where(moment => moment.Since <= workflow.SubmittedAt).TakeLast(1))
        let tasks = workflow.Spec!.Groups.Sum(crew => crew.Tasks.Length)
        where !during.Any(moment => moment.Workflows >= Deployment.WorkflowsMax || moment.Tasks + tasks > Deployment.TasksMax)
        select $"{workflow.User} was refused between {workflow.SubmittedAt:T} and {until:T} without being at a limit: {refused.Message}";

    private static IEnumerable<string> Attempts(RunRecord run) =>
        from workflow in run.Workflows
        let plan = run.Rows.Plan(workflow.Uuid)
        where plan is not null
        from attempt in run.Rows.Attempts(workflow.Uuid)
        where attempt.RetryId > plan.MaxRetriesPerTask
        select $"{attempt.Name} of {plan.WorkflowId} has attempt {attempt.RetryId}; allowed are {plan.MaxRetriesPerTask} retries";

    /// <summary>What a user had going from a moment on.</summary>
    /// <param name="IsSubmit">A workflow had just been added.</param>
    private sealed record Ongoing(DateTimeOffset Since, int Workflows, int Tasks, bool IsSubmit)
    {
        public static List<Ongoing> Of(RunRecord run, string user)
        {
            var moments = new List<Ongoing>();
            var (workflows, tasks) = (0, 0);
            foreach (var change in run.Rows.Changes)
            {
                switch (change)
                {
                    case { After: WorkflowHead head } when head.User == user:
                        workflows += Count(head.Status.IsAlive) - Count(change.Before is WorkflowHead { Status.IsAlive: true });
                        moments.Add(new Ongoing(change.Time, workflows, tasks, change.Before is null && head.Status.IsAlive));
                        break;
                    case { After: TaskDocument task } when task.User == user:
                        tasks += Count(task.Status.IsAlive) - Count(change.Before is TaskDocument { Status.IsAlive: true });
                        moments.Add(new Ongoing(change.Time, workflows, tasks, IsSubmit: false));
                        break;
                }
            }

            return moments;
        }

        private static int Count(bool counts) => counts ? 1 : 0;
    }
}
