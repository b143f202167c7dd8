using System.Collections.Immutable;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Workflows;

/// <summary>
/// A workflow in memory with the versions of its rows. It is what was last read or committed: a transition is committed first, and only then becomes the new value.
/// </summary>
/// <param name="GroupVersions">By group name.</param>
/// <param name="TaskVersions">By row id of the latest attempts.</param>
internal sealed record StoredWorkflow(
    WorkflowHead Head,
    long HeadVersion,
    Workflow Workflow,
    ImmutableDictionary<string, long> GroupVersions,
    ImmutableDictionary<string, long> TaskVersions)
{
    /// <summary>Reads all rows; null when the workflow does not exist or is a rejected submission, which has a head only.</summary>
    public static async Task<StoredWorkflow?> Read(IStateStore store, string uuid)
    {
        if (await store.Read(new RowKey(RowKind.Workflow, uuid)) is not { } headRow || await store.Read(new RowKey(RowKind.Plan, uuid)) is not { } planRow)
        {
            return null;
        }

        var groupRows = await store.ReadPartition(RowKind.Group, uuid);
        var taskRows = await store.ReadPartition(RowKind.Task, uuid);
        var head = DocumentRows.Parse<WorkflowHead>(headRow);
        var groups = groupRows.Select(row => (row.Version, State: DocumentRows.Parse<GroupState>(row))).ToList();

        // Ids sort by retry, so the last row of a task is its latest attempt.
        var latest = taskRows.Select(row => (Row: row, State: DocumentRows.Parse<TaskDocument>(row).State))
            .GroupBy(task => task.State.Name).Select(attempts => attempts.Last()).ToList();
        return new StoredWorkflow(
            head,
            headRow.Version,
            new Workflow(
                DocumentRows.Parse<WorkflowPlan>(planRow),
                head.State,
                groups.ToImmutableDictionary(group => group.State.Name, group => group.State),
                latest.ToImmutableDictionary(task => task.State.Name, task => task.State)),
            groups.ToImmutableDictionary(group => group.State.Name, group => group.Version),
            latest.ToImmutableDictionary(task => task.Row.Key.Id, task => task.Row.Version));
    }

    /// <summary>The writes that make <paramref name="change"/> durable, and what this becomes when they are.</summary>
    public (IReadOnlyList<RowWrite> Writes, StoredWorkflow Next) Plan(WorkflowChange change, DateTime? wakeAt, DateTime now)
    {
        var plan = Workflow.Plan;
        var uuid = plan.WorkflowUuid;
        var writes = new List<RowWrite>();
        var groupVersions = GroupVersions.ToBuilder();
        var taskVersions = TaskVersions.ToBuilder();

        foreach (var group in change.Groups)
        {
            writes.Add(Write(new RowKey(RowKind.Group, uuid, group.Name), DocumentRows.Write(group), groupVersions, group.Name));
        }

        foreach (var task in change.Tasks)
        {
            var id = TaskDocument.RowId(task.Name, task.RetryId);
            var document = TaskDocument.Of(plan, Head.SubmitTime, Workflow.TaskPlan(task.Name), task);
            writes.Add(Write(new RowKey(RowKind.Task, uuid, id), DocumentRows.Write(document), taskVersions, id));
        }

        AddJobs(writes, plan, change, now);
        var head = Head.With(change.Next.State, wakeAt);
        var headVersion = HeadVersion;
        if (HeadVersion == 0 || head != Head)
        {
            writes.Add(headVersion == 0
                ? new RowWrite.Insert(new RowKey(RowKind.Workflow, uuid), DocumentRows.Write(head))
                : new RowWrite.Update(new RowKey(RowKind.Workflow, uuid), headVersion, DocumentRows.Write(head)));
            headVersion++;
        }

        return (writes, new StoredWorkflow(head, headVersion, change.Next, groupVersions.ToImmutable(), taskVersions.ToImmutable()));
    }

    /// <summary>Nothing of a plain insert exists yet.</summary>
    public static StoredWorkflow New(WorkflowHead head, Workflow workflow) =>
        new(head, 0, workflow, ImmutableDictionary<string, long>.Empty, ImmutableDictionary<string, long>.Empty);

    private static RowWrite Write(RowKey key, ReadOnlyMemory<byte> document, ImmutableDictionary<string, long>.Builder versions, string name)
    {
        var version = versions.GetValueOrDefault(name);
        versions[name] = version + 1;
        return version == 0 ? new RowWrite.Insert(key, document) : new RowWrite.Update(key, version, document);
    }

    private static void AddJobs(List<RowWrite> writes, WorkflowPlan plan, WorkflowChange change, DateTime now)
    {
        foreach (var (job, order) in change.OrderedJobs(now))
        {
            var document = new JobDocument(plan.Backend, plan.WorkflowUuid, order, job);
            writes.Add(new RowWrite.Put(new RowKey(RowKind.Job, plan.Backend, job.JobId), DocumentRows.Write(document)));
        }

        writes.AddRange(change.ClosedJobs.Select(id => new RowWrite.Delete(new RowKey(RowKind.Job, plan.Backend, id))));
    }
}
