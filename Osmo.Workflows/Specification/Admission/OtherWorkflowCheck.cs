using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>Tasks of other workflows must exist and have ended, in whatever way (contract: workflow-spec §6.4, §8.4).</summary>
internal static class OtherWorkflowCheck
{
    public static AdmissionFault? UnknownTasks(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Database,
        from input in Inputs(submission)
        let source = input.Source
        where !submission.Facts.OtherTasks.ContainsKey(source)
        select input.Task.Problem(
            "inputs", $"Task {source.Task} of workflow {source.WorkflowId} is not found.", $"{source.WorkflowId}:{source.Task}"));

    public static AdmissionFault? UnfinishedTasks(Submission submission) => AdmissionFault.Of(
        SpecErrorCode.Submission,
        from input in Inputs(submission)
        let source = input.Source
        let status = submission.Facts.OtherTasks[source]
        let shown = WireEnum<TaskGroupStatus>.Name(status)
        where !status.IsFinished
        select input.Task.Problem(
            "inputs",
            $"Input tasks from previous workflows must be finished: Workflow ID {source.WorkflowId} task {source.Task} has status {shown}.",
            shown,
            "any final status"));

    private static IEnumerable<(PlacedTask Task, TaskOfWorkflow Source)> Inputs(Submission submission) =>
        from task in submission.Tasks
        from input in task.Spec.Inputs.OfType<InputSpec.FromOtherWorkflow>()
        select (task, new TaskOfWorkflow(input.WorkflowId, input.Task));
}
