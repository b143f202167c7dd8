using Osmo.Storage.Queries;
using Osmo.Storage.State;

namespace Osmo.Storage.Database;

/// <summary>What a user has going, as the transaction sees it that is to add to it.</summary>
internal readonly record struct OngoingCount(int Workflows, int Tasks)
{
    /// <summary>Counts through partial indexes that hold ongoing rows only.</summary>
    public static string Columns(string user) =>
        $"""
        (SELECT count(*) FROM workflow w WHERE w.submitted_by = {user} AND {WorkflowListSql.OngoingPredicate}),
        (SELECT count(*) FROM task t WHERE t.submitted_by = {user} AND {TaskListSql.OpenPredicate})
        """;

    /// <summary>Null when the commit may be made.</summary>
    public CommitOutcome? Refuse(OngoingLimits limits) =>
        Workflows >= limits.WorkflowsMax ? CommitOutcome.TooManyWorkflows
        : Tasks + limits.NewTasks > limits.TasksMax ? CommitOutcome.TooManyTasks
        : null;

    public OngoingCount After(OngoingLimits limits) => new(Workflows + 1, Tasks + limits.NewTasks);
}
