namespace Osmo.Workflows.Specification.Admission;

/// <summary>Names must fit their limit (contract: workflow-spec §10.1).</summary>
internal static class NameCheck
{
    public static AdmissionFault? LongNames(Submission submission)
    {
        var limit = submission.Facts.Workflow.WorkflowInfo.MaxNameLength;
        var workflow = submission.Spec.Name.Length > limit ? [Problem("workflow.name", submission.Spec.Name)] : Array.Empty<SpecProblem>();
        var groups = submission.Spec.Groups.Select((group, g) => (group.Name, Number: g)).Where(group => group.Name.Length > limit)
            .Select(group => Problem($"workflow.groups.{group.Number}.name", group.Name));
        var tasks = submission.Tasks.Where(task => task.Spec.Name.Length > limit)
            .Select(task => task.Problem("name", Message(task.Spec.Name), Found(task.Spec.Name)));
        return AdmissionFault.Of(SpecErrorCode.User, workflow.Concat(groups).Concat(tasks));

        SpecProblem Problem(string path, string name) => new(path, default, Message(name), Found(name));

        string Message(string name) => $"Name {name} is too long. It must be {limit} characters or less.";
    }

    private static string Found(string name) => $"{name.Length} characters";
}
