using Osmo.Grains.Interfaces;
using Osmo.Simulation.Record;
using Osmo.Workflows;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Invariants;

/// <summary>What was answered or acknowledged survives any crash of any process.</summary>
internal sealed class I1 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) =>
        Submits(run).Concat(Cancels(run)).Concat(Reports(run)).Concat(Lines(run));

    private static IEnumerable<string> Submits(RunRecord run) =>
        from workflow in run.Workflows
        where (workflow.Id is not null || workflow.Refused is not null) && run.Rows.Head(workflow.Uuid)?.WorkflowId != workflow.Id
        select $"submit of {workflow.Uuid} was answered with {workflow.Id ?? "a refusal"}, stored is {run.Rows.Head(workflow.Uuid)?.WorkflowId ?? "nothing"}";

    private static IEnumerable<string> Cancels(RunRecord run) =>
        from workflow in run.Workflows
        let accepted = workflow.CancelAcceptedAt?.UtcDateTime
        let head = run.Rows.Head(workflow.Uuid)
        where accepted is not null && (head?.EndTime is null || head.EndTime > accepted)
        select $"cancel of {workflow.Id} was accepted at {accepted:T}, but it is {head?.Status.ToString() ?? "nowhere"} since {head?.EndTime:T}";

    private static IEnumerable<string> Reports(RunRecord run) =>
        from acknowledged in run.Reports
        where acknowledged.Report is PodReport.StatusChanged changed
            && WireEnum<TaskGroupStatus>.TryParse(changed.Status, out var status)
            && !IsStored(acknowledged, status)
        select $"{acknowledged.Report} of {acknowledged.WorkflowUuid} was acknowledged while stored was {acknowledged.Stored?.Status.ToString() ?? "nothing"}";

    /// <summary>The attempt is at least as far, has ended, or has been replaced.</summary>
    private static bool IsStored(AcknowledgedReport acknowledged, TaskGroupStatus reported) =>
        acknowledged.LatestRetry > acknowledged.Report.RetryId
        || (acknowledged.Stored?.Status is { } stored && (stored.IsFinished || (!reported.IsFinished && stored >= reported)));

    private static IEnumerable<string> Lines(RunRecord run) =>
        from lines in run.Lines
        let head = run.Rows.Head(lines.WorkflowUuid)
        where head?.Archived == true
        let times = LogText.OfAttempt(run, head, lines.Task, lines.RetryId).AsSpan().Count(lines.Text)
        where times != 1
        select $"lines of {lines.Task} attempt {lines.RetryId} of {head.WorkflowId} were acknowledged and are {times} times in its log";
}
