using System.Globalization;
using Osmo.Storage.Database;
using Osmo.Storage.State;

namespace Osmo.Storage.Queries;

/// <summary>The queries over either database.</summary>
internal sealed class WorkflowQueries(IDatabase database) : IWorkflowQueries
{
    public async Task<WorkflowPage> ListWorkflows(WorkflowFilter filter, CancellationToken cancellation = default)
    {
        var heads = await Rows(RowKind.Workflow, new WorkflowListSql(database.Dialect, filter).Build(), cancellation);
        var more = heads.Count > filter.Limit && filter.Limit > 0;
        if (more) heads.RemoveAt(heads.Count - 1);
        return new(heads, more);
    }

    public async Task<string?> FindWorkflow(string idOrUuid, CancellationToken cancellation = default)
    {
        var found = await database.Select($"SELECT partition FROM workflow WHERE {Named(idOrUuid)}", reader => reader.GetString(0), cancellation);
        return found.Count == 0 ? null : found[0];
    }

    public async Task<string?> FindWorkflowOfPod(string podName, CancellationToken cancellation = default)
    {
        const int UuidDigits = 16;
        if (podName.Length <= UuidDigits) return null;

        // The range of all uuids that begin so: hexadecimal digits end before 'g'.
        var first = podName[..UuidDigits];
        var found = await database.Select(
            $"SELECT partition FROM workflow WHERE partition >= {first} AND partition < {first + "g"} AND id = ''", reader => reader.GetString(0), cancellation);
        return found.Count == 1 ? found[0] : null;
    }

    public async Task<WorkflowRows?> ReadWorkflow(string idOrUuid, WorkflowDepth depth, CancellationToken cancellation = default)
    {
        var head = Sql.Of($"SELECT partition, id, version, {database.Dialect.DocumentText("r")}, {Number(RowKind.Workflow)} FROM named r");
        List<Sql> parts = depth == WorkflowDepth.Head ? [head] : [head, Part(RowKind.Plan), Part(RowKind.Group), Part(RowKind.Task)];
        if (depth == WorkflowDepth.LatestAttempts)
        {
            // Ids of a task's attempts are its name, '/', and the retry: greater ones up to the name and the character after '/' are later attempts.
            parts[^1] = $"{parts[^1]} AND NOT EXISTS (SELECT 1 FROM task n WHERE n.partition = r.partition AND n.id > r.id AND n.id < r.name || '0')";
        }
        var rows = await database.Select(
            $"""
            WITH named AS (SELECT partition, id, version, document FROM workflow WHERE {Named(idOrUuid)})
            {Sql.Join("\nUNION ALL ", parts)}
            """,
            reader => RowStore.ReadRow((RowKind)reader.GetInt32(4), reader),
            cancellation);
        return rows.Find(row => row.Key.Kind == RowKind.Workflow) is { } found
            ? new(found, rows.Find(row => row.Key.Kind == RowKind.Plan), Sorted(RowKind.Group), Sorted(RowKind.Task))
            : null;

        // Here, because it would cost the database a third of the query.
        IReadOnlyList<Row> Sorted(RowKind kind) => [.. rows.Where(row => row.Key.Kind == kind).OrderBy(row => row.Key.Id, StringComparer.Ordinal)];
    }

    public async Task<IReadOnlyList<Row>> ListTasks(TaskFilter filter, CancellationToken cancellation = default) =>
        await Rows(RowKind.Task, new TaskListSql(database.Dialect, filter).List(), cancellation);

    public async Task<IReadOnlyList<TaskUsage>> SumTasks(TaskFilter filter, bool byWorkflow, CancellationToken cancellation = default)
    {
        if (new TaskListSql(database.Dialect, filter).Sum(byWorkflow) is not { } sql) return [];
        return await database.Select(
            sql,
            reader => new TaskUsage(
                reader.GetString(0),
                reader.IsDBNull(1) ? null : reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetDouble(4), reader.GetInt64(5), reader.GetDouble(6), reader.GetInt64(7)),
            cancellation);
    }

    public async Task<IReadOnlyList<string>> Users(CancellationToken cancellation = default) => await database.Select(
        // From one user to the next along the index, rather than over all workflows.
        $"""
        WITH RECURSIVE u (name) AS (
            SELECT min(submitted_by) FROM workflow
            UNION ALL
            SELECT (SELECT min(w.submitted_by) FROM workflow w WHERE w.submitted_by > u.name) FROM u WHERE u.name IS NOT NULL)
        SELECT name FROM u WHERE name IS NOT NULL ORDER BY name
        """,
        reader => reader.GetString(0),
        cancellation);

    public async Task<IReadOnlyList<GpuUsage>> RunningGpus(CancellationToken cancellation = default) => await database.Select(
        $"SELECT pool, priority, sum(gpu) FROM task WHERE status = 'RUNNING' AND pool IS NOT NULL GROUP BY pool, priority ORDER BY pool, priority",
        reader => new GpuUsage(reader.GetString(0), reader.GetString(1), reader.GetInt64(2)),
        cancellation);

    public async Task<IReadOnlyList<Row>> Backends(CancellationToken cancellation = default) =>
        await Rows(RowKind.Backend, $"SELECT partition, id, version, document FROM backend ORDER BY partition, id", cancellation);

    public async Task<IReadOnlyList<Row>> Nodes(
        IReadOnlyCollection<string>? backends = null, string? hostname = null, CancellationToken cancellation = default)
    {
        var conditions = new Conditions();
        conditions.AddAny("partition", backends is null ? null : [.. backends]);
        if (hostname is not null) conditions.Add($"id = {hostname}");
        return await Rows(
            RowKind.Node,
            conditions.MatchNothing
                ? null
                : Sql.Of($"SELECT partition, id, version, document FROM node{conditions.Where()} ORDER BY partition, id"),
            cancellation);
    }

    public async Task<IReadOnlyList<DueWorkflow>> DueWorkflows(DateTime now, int limit, CancellationToken cancellation = default) => await database.Select(
        $"SELECT partition, wake_at FROM workflow WHERE wake_at IS NOT NULL AND wake_at <= {RowTime.Text(now)} ORDER BY wake_at LIMIT {limit}",
        reader => new DueWorkflow(reader.GetString(0), RowTime.Parse(reader.GetString(1))),
        cancellation);

    public async Task<IReadOnlyList<Row>> OpenJobs(string backend, int limit, CancellationToken cancellation = default) => await Rows(
        RowKind.Job,
        $"SELECT partition, id, version, document FROM job WHERE partition = {backend} ORDER BY job_order, id LIMIT {limit}",
        cancellation);

    public async Task<IReadOnlyList<OngoingWorkflow>> OngoingWorkflows(string backend, int limit, CancellationToken cancellation = default) => await database.Select(
        $"""
        SELECT partition, workflow_id FROM workflow
        WHERE backend = {backend} AND status IN ('PENDING', 'RUNNING', 'WAITING') ORDER BY submit_time, partition LIMIT {limit}
        """,
        reader => new OngoingWorkflow(reader.GetString(0), reader.GetString(1)),
        cancellation);

    public async Task<IReadOnlyList<Row>> TasksOnNode(string backend, string hostname, CancellationToken cancellation = default) => await Rows(
        RowKind.Task,
        $"""
        SELECT t.partition, t.id, t.version, t.document FROM task t JOIN workflow w ON w.partition = t.partition AND w.id = ''
        WHERE t.node_name = {hostname} AND {Sql.Raw(TaskListSql.OpenPredicate)} AND w.backend = {backend} ORDER BY t.partition, t.id
        """,
        cancellation);

    public async Task<IReadOnlyList<Row>> LogChunks(string workflowUuid, string after, int limit, CancellationToken cancellation = default) => await Rows(
        RowKind.LogChunk,
        $"SELECT partition, id, version, document FROM log_chunk WHERE partition = {workflowUuid} AND id > {after} ORDER BY id LIMIT {limit}",
        cancellation);

    /// <summary>The row of one workflow. An id contains '-', a uuid does not.</summary>
    private static Sql Named(string idOrUuid) => idOrUuid.Contains('-') ? Sql.Of($"workflow_id = {idOrUuid}") : Sql.Of($"partition = {idOrUuid} AND id = ''");

    private Sql Part(RowKind kind) =>
        $"SELECT partition, id, version, {database.Dialect.DocumentText("r")}, {Number(kind)} FROM {Sql.Raw(kind.Table())} r WHERE partition = (SELECT partition FROM named)";

    private static Sql Number(RowKind kind) => Sql.Raw(((int)kind).ToString(CultureInfo.InvariantCulture));

    private async Task<List<Row>> Rows(RowKind kind, Sql? sql, CancellationToken cancellation) =>
        sql is null ? [] : await database.Select(sql, reader => RowStore.ReadRow(kind, reader), cancellation);
}
