using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Record;

/// <summary>A row before and after a commit; null where there is none.</summary>
internal sealed record RowChange(RowKey Key, DateTimeOffset Time, object? Before, object? After);

/// <summary>What the database holds by the commits that were really made, and every change that led there.</summary>
internal sealed class CommittedRows
{
    private readonly Dictionary<RowKey, object> _rows = [];
    private readonly Dictionary<string, int> _writes = new(StringComparer.Ordinal);

    public List<RowChange> Changes { get; } = [];

    /// <summary>Told of every change.</summary>
    public Action<RowChange>? OnChange { get; set; }

    public WorkflowHead? Head(string uuid) => Find<WorkflowHead>(new RowKey(RowKind.Workflow, uuid));

    public GroupState? Group(string uuid, string group) => Find<GroupState>(new RowKey(RowKind.Group, uuid, group));

    public TaskDocument? Attempt(string uuid, string task, int retryId) => Find<TaskDocument>(new RowKey(RowKind.Task, uuid, TaskDocument.RowId(task, retryId)));

    public WorkflowPlan? Plan(string uuid) => Find<WorkflowPlan>(new RowKey(RowKind.Plan, uuid));

    public IEnumerable<JobDocument> Jobs => _rows.Values.OfType<JobDocument>();

    public IEnumerable<WorkflowHead> Heads => _rows.Values.OfType<WorkflowHead>();

    public IEnumerable<TaskDocument> Attempts(string uuid) => _rows.Values.OfType<TaskDocument>().Where(task => task.WorkflowUuid == uuid);

    /// <summary>The attempt with the highest retry id.</summary>
    public TaskDocument? Latest(string uuid, string task)
    {
        TaskDocument? latest = null;
        for (var retryId = 0; Attempt(uuid, task, retryId) is { } attempt; retryId++) latest = attempt;
        return latest;
    }

    /// <summary>How many rows of the workflow were ever written or deleted.</summary>
    public int WritesOf(string uuid) => _writes.GetValueOrDefault(uuid);

    public void Committed(IReadOnlyList<RowWrite> writes, DateTimeOffset time)
    {
        foreach (var write in writes)
        {
            _writes[write.Key.Partition] = WritesOf(write.Key.Partition) + 1;
            var before = _rows.GetValueOrDefault(write.Key);
            var after = write switch
            {
                RowWrite.Insert insert => Parse(write.Key.Kind, insert.Document),
                RowWrite.Update update => Parse(write.Key.Kind, update.Document),
                RowWrite.Put put => Parse(write.Key.Kind, put.Document),
                _ => null,
            };
            if (before is null && after is null) continue;
            if (after is null) _rows.Remove(write.Key);
            else _rows[write.Key] = after;

            var change = new RowChange(write.Key, time, before, after);
            Changes.Add(change);
            OnChange?.Invoke(change);
        }
    }

    private T? Find<T>(RowKey key) where T : class => _rows.GetValueOrDefault(key) as T;

    /// <summary>Null for rows that no invariant speaks of.</summary>
    private static object? Parse(RowKind kind, ReadOnlyMemory<byte> document) => kind switch
    {
        RowKind.Workflow => RowJson.Parse<WorkflowHead>(document),
        RowKind.Group => RowJson.Parse<GroupState>(document),
        RowKind.Task => RowJson.Parse<TaskDocument>(document),
        RowKind.Job => RowJson.Parse<JobDocument>(document),
        RowKind.Plan => RowJson.Parse<WorkflowPlan>(document),
        _ => null,
    };
}
