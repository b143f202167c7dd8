using System.Collections.Immutable;
using Osmo.Storage.Database;

namespace Osmo.Storage.Queries;

/// <summary>
/// The statements of the task list (contract: api-rest §8.7). As in <see cref="WorkflowListSql"/> a list is led by the filter that leaves least. Attempts of a node or a pool are those that
/// are open, which are few and sorted, and those that have ended, of which an index has the order.
/// </summary>
internal sealed class TaskListSql(SqlDialect dialect, TaskFilter filter)
{
    // As in the predicates of the indexes, word by word: that is how the databases recognise them.
    public const string OpenPredicate = $"t.status IN {Open}";
    private const string EndedPredicate = $"t.status NOT IN {Open}";
    private const string Open = "('SUBMITTING', 'WAITING', 'PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING')";

    private const string Order = "status_rank, start_order DESC, submit_time DESC, name DESC, partition DESC, retry_id DESC";

    private static readonly ImmutableHashSet<string> OpenStatuses = ["SUBMITTING", "WAITING", "PROCESSING", "SCHEDULING", "INITIALIZING", "RUNNING"];

    private bool OnlyOpen => filter.Statuses is { } statuses && statuses.All(OpenStatuses.Contains);

    private bool OnlyEnded => filter.Statuses is { } statuses && !statuses.Any(OpenStatuses.Contains);

    /// <summary>A page of rows. Null when nothing can match.</summary>
    public Sql? List()
    {
        var lead = Choose() ?? new(null, [new(Walk("ix_task_order"), [])]);
        var conditions = Filter(lead);
        if (filter.Limit < 1 || conditions.MatchNothing) return null;
        var branches = lead.Branches.Select(branch => Sql.Of(
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
        var lead = Choose() ?? new(null, [new(Sql.Raw("task t"), [])]);
        var conditions = Filter(lead);
        if (filter.Limit < 1 || conditions.MatchNothing) return null;
        if (!byWorkflow) conditions.Add(Sql.Raw("t.pool IS NOT NULL"));
        var keys = Sql.Raw(byWorkflow ? "t.submitted_by, t.pool, t.priority, t.workflow_id" : "t.submitted_by, t.pool, t.priority");
        var workflow = Sql.Raw(byWorkflow ? "t.workflow_id" : "NULL");
        var branches = lead.Branches.Select(branch => Sql.Of(
            $"SELECT t.submitted_by, t.workflow_id, t.pool, t.priority, t.storage, t.cpu, t.memory, t.gpu FROM {branch.From}{conditions.Where(branch.Conditions)}"));
        return
            $"""
            SELECT t.submitted_by, {workflow}, t.pool, t.priority, sum(t.storage), sum(t.cpu), sum(t.memory), sum(t.gpu)
            FROM ({Sql.Join("\nUNION ALL\n", branches)}) t
            GROUP BY {keys} ORDER BY {keys} LIMIT {filter.Limit} OFFSET {filter.Offset}
            """;
    }

    /// <summary>Null when no filter narrows the list enough to lead it.</summary>
    private Lead? Choose() => filter switch
    {
        { Nodes: { } nodes } when Leads(nodes) => OpenAndEnded("node_name", "ix_task_node", "ix_task_ended_node", nodes),
        _ when OnlyOpen => new(null, [new(Walk("ix_task_open"), [Sql.Raw(OpenPredicate)])]),
        { Users: { } users } when Leads(users) =>
            new("submitted_by", [.. users.Distinct().Select(user => new Branch(Walk("ix_task_user"), [$"t.submitted_by = {user}"]))]),
        { Pools: { } pools } when Leads(pools) => OpenAndEnded("pool", "ix_task_open", "ix_task_ended_pool", pools),
        _ => null,
    };

    /// <summary>One branch more than values at most.</summary>
    private static bool Leads(ImmutableArray<string> values) => values.Distinct().Count() is > 0 and < Branch.Max;

    private Lead OpenAndEnded(string column, string open, string ended, ImmutableArray<string> values)
    {
        var (name, distinct) = (Sql.Raw($"t.{column}"), values.Distinct().ToList());
        List<Branch> branches = [];
        if (!OnlyEnded) branches.Add(new(Walk(open), [Sql.Raw(OpenPredicate), $"{name} IN {Sql.List(distinct)}"]));
        if (!OnlyOpen) branches.AddRange(distinct.Select(value => new Branch(Walk(ended), [Sql.Raw(EndedPredicate), $"{name} = {value}"])));
        return new(column, branches);
    }

    private Sql Walk(string index) => $"task t{dialect.UseIndex(index)}";

    /// <summary>All conditions but the one the branches already are.</summary>
    private Conditions Filter(Lead lead)
    {
        var conditions = new Conditions();
        AddAny("submitted_by", filter.Users);
        AddAny("pool", filter.Pools);
        AddAny("status", filter.Statuses);
        AddAny("priority", filter.Priorities);
        AddAny("node_name", filter.Nodes);
        if (filter.WorkflowIdContains is { Length: > 0 } part) conditions.Add(dialect.Contains(Sql.Raw("t.workflow_id"), part));
        // An attempt that has not started has the greatest start_order.
        if (filter.StartedFrom is { } from) conditions.Add($"t.start_order >= {RowTime.Text(from)}");
        if (filter.StartedBefore is { } before) conditions.Add($"t.start_order < {RowTime.Text(before)}");
        return conditions;

        void AddAny(string column, ImmutableArray<string>? values)
        {
            if (lead.Column != column) conditions.AddAny($"t.{column}", values);
        }
    }

    /// <summary>What the list is led by.</summary>
    /// <param name="Column">The column whose filter the branches are; null when they are none.</param>
    private sealed record Lead(string? Column, IReadOnlyList<Branch> Branches);
}
