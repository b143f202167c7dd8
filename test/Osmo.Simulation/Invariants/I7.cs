using Osmo.Simulation.Record;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Invariants;

/// <summary>After the end, no object of the workflow is left on the backend, and its logs are readable.</summary>
internal sealed class I7 : IInvariant
{
    public IEnumerable<string> Violations(RunRecord run) => Leftovers(run).Concat(Logs(run));

    private static IEnumerable<string> Leftovers(RunRecord run) =>
        from left in run.Leftovers select $"{left.What} of {left.WorkflowUuid} is left on the backend";

    private static IEnumerable<string> Logs(RunRecord run) =>
        from workflow in run.Workflows
        where workflow.Spec is not null
        let head = run.Rows.Head(workflow.Uuid)
        where head is { Archived: true }
        from file in Missing(run, head)
        select $"{file} of {head.WorkflowId} is missing";

    private static string ErrorFile(TaskDocument task) => task.RetryId == 0 ? $"{task.Name}_error_logs.txt" : $"{task.Name}_{task.RetryId}_error_logs.txt";

    private static IEnumerable<string> Missing(RunRecord run, WorkflowHead head)
    {
        if (LogText.OfWorkflow(run, head) is not { } log) yield return "workflow_logs.txt";
        else if (head.Status != WorkflowStatus.Completed && !log.Contains("Workflow terminated abnormally", StringComparison.Ordinal)) yield return "the last word";

        if (run.Objects.Find($"{head.WorkflowId}/workflow_spec.yaml") is null) yield return "workflow_spec.yaml";
        foreach (var task in run.Rows.Attempts(head.WorkflowUuid))
        {
            if (run.Objects.Find($"{head.WorkflowId}/task_logs_{task.Name}_{task.RetryId}.txt") is null) yield return $"the log of {task.Name} attempt {task.RetryId}";
            if (task.Status.HasErrorLogs && run.Objects.Find($"{head.WorkflowId}/{ErrorFile(task)}") is null) yield return $"the error log of {task.Name} attempt {task.RetryId}";
        }
    }
}
