using System.Collections.Immutable;
using Osmo.Storage.Database;

namespace Osmo.Storage.Queries;

/// <summary>
/// The statement of a workflow list. It walks an index that has the list's order, led by the filter that leaves least, and stops at the end of
/// the page; only then documents are read. So its cost follows the page, not the number of workflows.
/// </summary>
internal sealed class WorkflowListSql(SqlDialect dialect, WorkflowFilter filter)
{
    // As in the predicate of ix_workflow_ongoing, word by word: that is how the databases recognise it.
    public const string OngoingPredicate = "w.status IN ('PENDING', 'RUNNING', 'WAITING')";

    private static readonly ImmutableHashSet<string> OngoingStatuses = ["PENDING", "RUNNING", "WAITING"];

    /// <summary>Null when nothing can match.</summary>
    public Sql? Build()
    {
        var conditions = Filter();
        if (filter.Limit < 1 || conditions.MatchNothing) return null;
        var direction = Sql.Raw(filter.NewestFirst ? "DESC" : "ASC");
        var branches = Branches().Select(branch =>
            Sql.Of($"SELECT w.submit_time AS submit_time, w.partition AS partition FROM {branch.From}{conditions.Where(branch.Conditions)}"));
        return
            $"""
            SELECT w.partition, w.id, w.version, w.document FROM
            ({Sql.Join("\nUNION ALL\n", branches)}
            ORDER BY submit_time {direction}, partition {direction} LIMIT {filter.Limit + 1L} OFFSET {filter.Offset}) k
            JOIN workflow w ON w.partition = k.partition AND w.id = ''
            ORDER BY k.submit_time {direction}, k.partition {direction}
            """;
    }

    private Branch[] Branches()
    {
        Branch[] branches = [.. LeadingBranches()];
        return branches.Length is > 0 and <= Branch.Max ? branches : [new(Walk("ix_workflow_time"), [])];
    }

    private IEnumerable<Branch> LeadingBranches()
    {
        var label = filter.Labels.FirstOrDefault(selector => selector.Patterns.All(pattern => !pattern.Contains('*')));
        if (label is not null)
        {
            Sql from = $"workflow_label l{dialect.UseIndex("ix_workflow_label")} CROSS JOIN workflow w";
            return label.Patterns.Distinct().Select(value => new Branch(
                from, [$"l.key = {label.Key}", $"l.value = {value}", Sql.Raw("w.partition = l.partition AND w.id = ''")]));
        }
        var ongoing = filter.Statuses is { } statuses && statuses.All(OngoingStatuses.Contains);
        if (ongoing && filter.Users is { } busy) return Each("ix_workflow_ongoing", "submitted_by", busy, Sql.Raw(OngoingPredicate));
        if (ongoing) return Each("ix_workflow_status", "status", filter.Statuses!.Value);
        if (filter.AppName is { } app) return Each("ix_workflow_app", "app_name", [app]);
        if (filter.Users is { } users) return Each("ix_workflow_user", "submitted_by", users);
        if (filter.Pools is { } pools) return Each("ix_workflow_pool", "pool", pools);
        return filter.Statuses is { } any ? Each("ix_workflow_status", "status", any) : [];
    }

    private IEnumerable<Branch> Each(string index, string column, ImmutableArray<string> values, params Sql[] also) =>
        values.Distinct().Select(value => new Branch(Walk(index), [$"w.{Sql.Raw(column)} = {value}", .. also]));

    private Sql Walk(string index) => $"workflow w{dialect.UseIndex(index)}";

    private Conditions Filter()
    {
        var conditions = new Conditions();
        conditions.AddAny("w.submitted_by", filter.Users);
        conditions.AddAny("w.pool", filter.Pools);
        conditions.AddAny("w.status", filter.Statuses);
        conditions.AddAny("w.priority", filter.Priorities);
        if (filter.Statuses is null) conditions.Add(Sql.Raw("w.status <> 'FAILED_SUBMISSION'"));
        if (filter.SubmittedFrom is { } from) conditions.Add($"w.submit_time >= {RowTime.Text(from)}");
        if (filter.SubmittedBefore is { } before) conditions.Add($"w.submit_time < {RowTime.Text(before)}");
        if (filter.IdContains is { Length: > 0 } part) conditions.Add(dialect.Contains(Sql.Raw("w.workflow_id"), part));
        if (filter.AppName is { } app) conditions.Add($"w.app_name = {app}");
        if (filter.AppVersion is { } version) conditions.Add($"w.app_version = {version}");
        if (filter.Tags is { IsEmpty: false } tags) conditions.Add(dialect.ArrayHasAny("w", "tags", tags));
        if (filter.Tags is { IsEmpty: true } || filter.Labels.Any(selector => selector.Patterns.IsEmpty)) conditions.AddAny("w.status", []);
        foreach (var selector in filter.Labels)
        {
            var matches = selector.Patterns.Select(pattern =>
                pattern.Contains('*') ? dialect.MatchesGlob(Sql.Raw("x.value"), pattern) : Sql.Of($"x.value = {pattern}"));
            conditions.Add(
                $"EXISTS (SELECT 1 FROM workflow_label x WHERE x.partition = w.partition AND x.key = {selector.Key} AND ({Sql.Join(" OR ", matches)}))");
        }
        foreach (var key in filter.WithoutLabels)
        {
            conditions.Add($"NOT EXISTS (SELECT 1 FROM workflow_label x WHERE x.partition = w.partition AND x.key = {key})");
        }
        return conditions;
    }
}
