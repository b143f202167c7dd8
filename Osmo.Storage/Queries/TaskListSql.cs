using System.Collections.Immutable;
using Osmo.Storage.Database;

namespace Osmo.Storage.Queries;

/// <summary>The statements of the task list (contract: api-rest §8.7).</summary>
internal sealed class TaskListSql(SqlDialect dialect, TaskFilter filter)
{
    // As in the predicates of ix_task_open and ix_task_node, word by word: that is how the databases recognise it.
    public const string OpenPredicate = "t.status IN ('SUBMITTING', 'WAITING', 'PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING')";

    private const string Order = "status_rank, start_order DESC, submit_time DESC, name DESC, partition DESC, retry_id DESC";

    private static readonly ImmutableHashSet<string> OpenStatuses = ["SUBMITTING", "WAITING", "PROCESSING", "SCHEDULING", "INITIALIZING", "RUNNING"];

    private bool OnlyOpen => filter.Statuses is { } statuses && statuses.All(OpenStatuses.Contains);

    /// <summary>A page of rows. Null when nothing can match.</summary>
    public Sql? List()
    {
        Branch[] walks = [.. Branches()];
        var conditions = Filter(byUser: walks[0].Conditions.Count > 0 && !OnlyOpen);
        if (filter.Limit < 1 || conditions.MatchNothing) return null;
        var branches = walks.Select(branch => Sql.Of(
            $"SELECT t.status_rank, t.start_order, t.submit_time, t.name, t.partition, t.retry_id, t.id FROM {branch.From}{conditions.Where(branch.Conditions)}"));
        return
            $"""
            SELECT t.partition, t.id, t.version, t.document FROM
            ({Branch.Page([.. branches], Sql.Raw(Order), filter.Limit, filter.Offset)}) k
            JOIN task t ON t.partition = k.partition AND t.id = k.id
            ORDER BY k.status_rank, k.start_order DESC, k.submit_time DESC, k.name DESC, k.partition DESC, k.retry_id DESC
            """;
    }

    /// <summary>A page of sums. Null when nothing can match.</summary>
    public Sql? Sum(bool byWorkflow)
    {
        var conditions = Filter(byUser: false);
        if (filter.Limit < 1 || conditions.MatchNothing) return null;
        if (!byWorkflow) conditions.Add(Sql.Raw("t.pool IS NOT NULL"));
        var keys = Sql.Raw(byWorkflow ? "t.submitted_by, t.pool, t.priority, t.workflow_id" : "t.submitted_by, t.pool, t.priority");
        var workflow = Sql.Raw(byWorkflow ? "t.workflow_id" : "NULL");
        var from = OnlyOpen ? Walk("ix_task_open") : Sql.Raw("task t");
        Sql[] open = OnlyOpen ? [Sql.Raw(OpenPredicate)] : [];
        return
            $"""
            SELECT t.submitted_by, {workflow}, t.pool, t.priority, sum(t.storage), sum(t.cpu), sum(t.memory), sum(t.gpu)
            FROM {from}{conditions.Where(open)}
            GROUP BY {keys} ORDER BY {keys} LIMIT {filter.Limit} OFFSET {filter.Offset}
            """;
    }

    /// <summary>Open attempts are few and sorted; otherwise an index has the order, per user or over all.</summary>
    private IEnumerable<Branch> Branches()
    {
        if (OnlyOpen) return [new(Walk("ix_task_open"), [Sql.Raw(OpenPredicate)])];
        string[] users = filter.Users is { } given ? [.. given.Distinct()] : [];
        return users.Length is > 0 and <= Branch.Max
            ? users.Select(user => new Branch(Walk("ix_task_user"), [$"t.submitted_by = {user}"]))
            : [new(Walk("ix_task_order"), [])];
    }

    private Sql Walk(string index) => $"task t{dialect.UseIndex(index)}";

    /// <param name="byUser">The branches already are the filter on users.</param>
    private Conditions Filter(bool byUser)
    {
        var conditions = new Conditions();
        if (!byUser) conditions.AddAny("t.submitted_by", filter.Users);
        conditions.AddAny("t.pool", filter.Pools);
        conditions.AddAny("t.status", filter.Statuses);
        conditions.AddAny("t.priority", filter.Priorities);
        conditions.AddAny("t.node_name", filter.Nodes);
        if (filter.WorkflowIdContains is { Length: > 0 } part) conditions.Add(dialect.Contains(Sql.Raw("t.workflow_id"), part));
        // An attempt that has not started has the greatest start_order.
        if (filter.StartedFrom is { } from) conditions.Add($"t.start_order >= {RowTime.Text(from)}");
        if (filter.StartedBefore is { } before) conditions.Add($"t.start_order < {RowTime.Text(before)}");
        return conditions;
    }
}
