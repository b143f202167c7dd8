using Osmo.Simulation.Record;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Invariants;

/// <summary>Once faults stop and a backend is alive, every workflow reaches its end; nothing is left to do, and nothing waits for ever.</summary>
internal sealed class I2 : IInvariant
{
    /// <summary>Who was down when the faults stopped is back by then.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(1);

    public IEnumerable<string> Violations(RunRecord run) => Workflows(run).Concat(Jobs(run)).Concat(Readers(run)).Concat(Mails(run)).Concat(Limits(run));

    private static IEnumerable<string> Workflows(RunRecord run) =>
        from head in run.Rows.Heads
        where !head.Status.IsFinished || !head.Archived || !head.Outbox.IsEmpty || head.WakeAt is not null
        select $"{head.WorkflowId} ({head.WorkflowUuid}) is {head.Status}, archived {head.Archived}, {head.Outbox.Length} effects open, to be woken {head.WakeAt:T}: {Groups(run, head.WorkflowUuid)}";

    private static IEnumerable<string> Jobs(RunRecord run) =>
        from job in run.Rows.Jobs select $"job {job.Job.JobId} is open";

    private static IEnumerable<string> Readers(RunRecord run) =>
        from reader in run.Readers where !reader.HasEnded select $"a reader of the log of {run.Find(reader.WorkflowUuid)?.Id} ({reader.WorkflowUuid}) still waits";

    private static IEnumerable<string> Mails(RunRecord run) =>
        from workflow in run.Workflows
        where workflow is { EndIsAwaited: true, Spec: not null, Refused: null }
            && run.Rows.Head(workflow.Uuid)?.Status.IsFinished == true
            && !run.Mails.Contains($"{workflow.Uuid}-mail")
        select $"{workflow.User} was not told of the end of {workflow.Id}";

    /// <summary>Pods that are created when all is well end long before any limit: a group that meets one has waited for something that did not come.</summary>
    private static IEnumerable<string> Limits(RunRecord run) =>
        from change in run.Rows.Changes
        where change.After is GroupState { Status: TaskGroupStatus.FailedExecTimeout or TaskGroupStatus.FailedQueueTimeout, ProcessingStartTime: { } began }
            && change.Before is GroupState { Status.IsFinished: false }
            && began - run.CalmSince.UtcDateTime > Recovery
        select $"{change.Key.Id} of {change.Key.Partition} met a limit although nothing went wrong since it began";

    private static string Groups(RunRecord run, string uuid) => string.Join(
        "; ",
        from @group in run.Rows.Plan(uuid)?.Groups ?? []
        let state = run.Rows.Group(uuid, @group.Name)
        select $"{@group.Name} {state?.Status} ({string.Join(", ", @group.Tasks.Select(task => $"{task.Name} {run.Rows.Latest(uuid, task.Name)?.Status}"))})");
}
