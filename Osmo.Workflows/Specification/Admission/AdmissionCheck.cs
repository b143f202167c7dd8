using System.Collections.Immutable;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>
/// The last checks of a submission, those that need more than its text, in the contract's order (contract: workflow-spec §8.4). The
/// first check that fails decides and reports all its faults. What needs a network (registries, object storage) is left to
/// <see cref="AccessPlan"/>.
/// </summary>
public sealed class AdmissionCheck(ITemplateRenderer templates)
{
    /// <summary>Null when the specification may run; platforms must be resolved.</summary>
    public SpecRejection? Reject(WorkflowSpec spec, SubmissionFacts facts)
    {
        var submission = new Submission(spec, facts);
        var rules = new ResourceRules(templates, facts.Workflow.UserWorkflowLimits);
        var before = NameCheck.LongNames(submission)
            ?? OtherWorkflowCheck.UnknownTasks(submission)
            ?? OtherWorkflowCheck.UnfinishedTasks(submission);
        if (before is not null)
        {
            return Recorded(before, spec);
        }

        if ((PoolCheck.Maintenance(submission) ?? PoolCheck.Priority(submission)) is { } closed)
        {
            return closed.ToRejection();
        }

        var after = PoolCheck.GpuGuarantee(submission)
            ?? TopologyCheck.UnevenKeys(submission)
            ?? PlatformCheck.UnknownPlatforms(submission)
            ?? PlatformCheck.BadCacheSizes(submission)
            ?? ResourceCheck.StaticRules(submission, rules)
            ?? PlatformCheck.ForbiddenModes(submission)
            ?? PlatformCheck.ForbiddenMounts(submission)
            ?? ResourceCheck.NodeRules(submission, rules)
            ?? AccessCheck.BadImages(submission)
            ?? AccessCheck.BadUrls(submission)
            ?? AccessCheck.MissingDataCredentials(submission)
            ?? AccessCheck.MissingGenericCredentials(submission);
        return after is null ? null : Recorded(after, spec);
    }

    private static SpecRejection Recorded(AdmissionFault fault, WorkflowSpec spec) =>
        fault.ToRejection() with { WorkflowId = spec.Name, FailedSubmission = new FailedSubmission(spec.Name, SpecWriter.ToYaml(spec)) };
}

/// <summary>What one check found: a code and at least one problem, each with the message that the client sees.</summary>
internal sealed record AdmissionFault(SpecErrorCode Code, ImmutableArray<SpecProblem> Problems)
{
    private const int MaxProblems = 100;

    /// <summary>Null when there are no problems.</summary>
    public static AdmissionFault? Of(SpecErrorCode code, IEnumerable<SpecProblem> problems) =>
        problems.Take(MaxProblems).ToImmutableArray() is { IsEmpty: false } found ? new AdmissionFault(code, found) : null;

    public SpecRejection ToRejection() =>
        new() { Code = Code, Message = SpecReport.Of(Problems), Problems = Problems };
}

/// <summary>A specification and the facts it is judged by.</summary>
internal sealed record Submission(WorkflowSpec Spec, SubmissionFacts Facts)
{
    /// <summary>Every task with its resources and its place in the normal form.</summary>
    public ImmutableArray<PlacedTask> Tasks { get; } = Placed(Spec);

    private static ImmutableArray<PlacedTask> Placed(WorkflowSpec spec)
    {
        var resources = spec.Resources.ToDictionary(StringComparer.Ordinal);
        return
        [
            .. spec.Groups.SelectMany((group, g) => group.Tasks.Select(
                (task, t) => new PlacedTask(group, task, resources[task.Resource], g, t))),
        ];
    }
}

/// <summary>A task, with the number of its group and its own number in it.</summary>
internal sealed record PlacedTask(GroupSpec Group, TaskSpec Spec, ResourceSpec Resource, int GroupNumber, int Number)
{
    public string Platform => Resource.Platform ?? "";

    public SpecProblem Problem(string field, string message, string found = "", string allowed = "") =>
        new($"workflow.groups.{GroupNumber}.tasks.{Number}.{field}", default, message, found, allowed);
}
