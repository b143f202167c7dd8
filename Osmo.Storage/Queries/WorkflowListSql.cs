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
        var lead = Choose();
        var conditions = Filter(lead);
        if (filter.Limit < 1 || conditions.MatchNothing) return null;
        var direction = Sql.Raw(filter.NewestFirst ? "DESC" : "ASC");
        var keys = Sql.Raw($"{lead.Alias}.submit_time AS submit_time, {lead.Alias}.partition AS partition");
        var branches = lead.Branches.Select(branch => Sql.Of($"SELECT {keys} FROM {branch.From}{conditions.Where(branch.Conditions)}"));
        return
            $"""
            SELECT w.partition, w.id, w.version, w.document FROM
            ({Branch.Page([.. branches], $"submit_time {direction}, partition {direction}", filter.Limit + 1L, filter.Offset)}) k
            JOIN workflow w ON w.partition = k.partition AND w.id = ''
            ORDER BY k.submit_time {direction}, k.partition {direction}
            """;
    }

    private Lead Choose()
    {
        var label = filter.Labels.FirstOrDefault(selector => selector.Patterns.All(pattern => !pattern.Contains('*')));
        var ongoing = filter.Statuses is { } statuses && statuses.All(OngoingStatuses.Contains);
        var lead = (label, ongoing, filter) switch
        {
            ({ } selector, _, _) => ByLabel(selector),
            (_, true, { Users: { } users }) => By("ix_workflow_ongoing", "submitted_by", users, Sql.Raw(OngoingPredicate)),
            (_, true, _) => By("ix_workflow_status", "status", filter.Statuses!.Value),
            (_, _, { AppName: { } app }) => By("ix_workflow_app", "app_name", [app]),
            (_, _, { Users: { } users }) => By("ix_workflow_user", "submitted_by", users),
            (_, _, { Pools: { } pools }) => By("ix_workflow_pool", "pool", pools),
            (_, _, { Statuses: { } any }) => By("ix_workflow_status", "status", any),
            _ => null,
        };
        return lead is { Branches.Length: > 0 and <= Branch.Max } ? lead : new("w", null, null, [new(Walk("ix_workflow_time"), [])]);
    }

    private Lead By(string index, string column, ImmutableArray<string> values, params Sql[] also) => new(
        "w", column, null, [.. values.Distinct().Select(value => new Branch(Walk(index), [$"w.{Sql.Raw(column)} = {value}", .. also]))]);

    private Lead ByLabel(LabelSelector selector)
    {
        Sql from = $"workflow_label l{dialect.UseIndex("ix_workflow_label")} CROSS JOIN workflow w";
        var join = Sql.Raw("w.partition = l.partition AND w.id = ''");
        return new("l", null, selector, [.. selector.Patterns.Distinct().Select(value => new Branch(from, [$"l.key = {selector.Key}", $"l.value = {value}", join]))]);
    }

    private Sql Walk(string index) => $"workflow w{dialect.UseIndex(index)}";

    /// <summary>All conditions but the one the branches already are: said twice, it spoils the estimates and the order of the walk.</summary>
    private Conditions Filter(Lead lead)
    {
        var conditions = new Conditions();
        AddAny("submitted_by", filter.Users);
        AddAny("pool", filter.Pools);
        AddAny("status", filter.Statuses);
        AddAny("priority", filter.Priorities);
        if (filter.Statuses is null) conditions.Add(Sql.Raw("w.status <> 'FAILED_SUBMISSION'"));
        if (filter.SubmittedFrom is { } from) conditions.Add($"{Sql.Raw(lead.Alias)}.submit_time >= {RowTime.Text(from)}");
        if (filter.SubmittedBefore is { } before) conditions.Add($"{Sql.Raw(lead.Alias)}.submit_time < {RowTime.Text(before)}");
        if (filter.IdContains is { Length: > 0 } part) conditions.Add(dialect.Contains(Sql.Raw("w.workflow_id"), part));
        if (filter.AppName is { } app && lead.Column != "app_name") conditions.Add($"w.app_name = {app}");
        if (filter.AppVersion is { } version) conditions.Add($"w.app_version = {version}");
        if (filter.Tags is { IsEmpty: false } tags) conditions.Add(dialect.ArrayHasAny("w", "tags", tags));
        if (filter.Tags is { IsEmpty: true } || filter.Labels.Any(selector => selector.Patterns.IsEmpty)) conditions.AddAny("w.status", []);
        foreach (var selector in filter.Labels.Where(selector => selector != lead.Label)) conditions.Add(HasLabel(selector));
        foreach (var key in filter.WithoutLabels)
        {
            conditions.Add($"NOT EXISTS (SELECT 1 FROM workflow_label x WHERE x.partition = w.partition AND x.key = {key})");
        }
        return conditions;

        void AddAny(string column, ImmutableArray<string>? values)
        {
            if (lead.Column != column) conditions.AddAny($"w.{column}", values);
        }
    }

    private Sql HasLabel(LabelSelector selector)
    {
        var matches = selector.Patterns.Select(pattern =>
            pattern.Contains('*') ? dialect.MatchesGlob(Sql.Raw("x.value"), pattern) : Sql.Of($"x.value = {pattern}"));
        return $"EXISTS (SELECT 1 FROM workflow_label x WHERE x.partition = w.partition AND x.key = {selector.Key} AND ({Sql.Join(" OR ", matches)}))";
    }

    /// <summary>What the walk is led by.</summary>
    /// <param name="Alias">The table whose index has the order.</param>
    /// <param name="Column">The column whose filter the branches are.</param>
    /// <param name="Label">The selector whose filter the branches are.</param>
    private sealed record Lead(string Alias, string? Column, LabelSelector? Label, Branch[] Branches);
}
