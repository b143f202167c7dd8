using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>Tasks of other workflows must exist and have ended, in whatever way (contract: workflow-spec §6.4, §8.4).</summary>
internal static class OtherWorkflowCheck
{
    public static AdmissionFault? UnknownTasks(Submission submission) =>
        AdmissionFault.Of(SpecErrorCode.Database, Inputs(submission).Where(input => !submission.Facts.OtherTasks.ContainsKey(input.Source)).Select(input =>
            input.Task.Problem("inputs", $"Task {input.Source.Task} of workflow {input.Source.WorkflowId} is not found.", $"{input.Source.WorkflowId}:{input.Source.Task}")));

    public static AdmissionFault? UnfinishedTasks(Submission submission) =>
        AdmissionFault.Of(SpecErrorCode.Submission, Inputs(submission).Where(input => !submission.Facts.OtherTasks[input.Source].IsFinished).Select(input =>
            input.Task.Problem("inputs",
                $"Input tasks from previous workflows must be finished: Workflow ID {input.Source.WorkflowId} task {input.Source.Task} has status {WireEnum<TaskGroupStatus>.Name(submission.Facts.OtherTasks[input.Source])}.",
                WireEnum<TaskGroupStatus>.Name(submission.Facts.OtherTasks[input.Source]),
                "any final status")));

    private static IEnumerable<(PlacedTask Task, TaskOfWorkflow Source)> Inputs(Submission submission) =>
        from task in submission.Tasks
        from input in task.Spec.Inputs.OfType<InputSpec.FromOtherWorkflow>()
        select (task, new TaskOfWorkflow(input.WorkflowId, input.Task));
}
