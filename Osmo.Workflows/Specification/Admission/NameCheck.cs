namespace Osmo.Workflows.Specification.Admission;

/// <summary>Names must fit their limit (contract: workflow-spec §10.1).</summary>
internal static class NameCheck
{
    public static AdmissionFault? LongNames(Submission submission)
    {
        var limit = submission.Facts.Workflow.WorkflowInfo.MaxNameLength;
        var names = submission.Spec.Groups.Select((group, g) => (group.Name, Path: $"workflow.groups.{g}.name"))
            .Prepend((submission.Spec.Name, Path: "workflow.name"))
            .Concat(submission.Tasks.Select(task => (task.Spec.Name, Path: $"{task.Path}.name")));
        return AdmissionFault.Of(
            SpecErrorCode.User,
            from entry in names
            where entry.Name.Length > limit
            select new SpecProblem(
                entry.Path,
                default,
                $"Name {entry.Name} is too long. It must be {limit} characters or less.",
                $"{entry.Name.Length} characters",
                $"at most {limit}"));
    }
}
