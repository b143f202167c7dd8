using Osmo.Simulation.Record;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Invariants;

/// <summary>A task ends as its own pod did: no exit code that its pod did not have, and no completion without one, save that of a task whose lead has completed.</summary>
internal sealed class I12 : IInvariant
{
    /// <summary>From here on codes tell what the system did; below it they are the command's.</summary>
    private const int CommandCodesEnd = 1000;

    public IEnumerable<string> Violations(RunRecord run)
    {
        var ends = run.PodEnds.Select(end => (end.WorkflowUuid, end.Task, end.RetryId, end.ExitCode)).ToHashSet();
        return from attempt in run.Workflows.SelectMany(workflow => run.Rows.Attempts(workflow.Uuid))
               where attempt.Status is TaskGroupStatus.Completed or TaskGroupStatus.Failed && attempt.ExitCode is not >= CommandCodesEnd
               where attempt.ExitCode is null
                   ? attempt.Status == TaskGroupStatus.Completed && IsLead(run, attempt)
                   : !ends.Contains((attempt.WorkflowUuid, attempt.Name, attempt.RetryId, attempt.ExitCode))
               select $"{attempt.Name} attempt {attempt.RetryId} of {attempt.WorkflowUuid} is {attempt.Status} with exit code {attempt.ExitCode?.ToString() ?? "none"}; its pod did not end so";
    }

    private static bool IsLead(RunRecord run, TaskDocument attempt) =>
        run.Rows.Plan(attempt.WorkflowUuid)!.Groups.SelectMany(group => group.Tasks).Any(task => task.Name == attempt.Name && task.Lead);
}
