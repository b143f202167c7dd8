using System.Collections.Immutable;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Specification;

/// <summary>
/// A stored specification that is submitted again, whole or in part (contract: workflow-spec §12). It is not rendered again and not
/// masked: what runs is what ran.
/// </summary>
public sealed record Resubmission
{
    private Resubmission(WorkflowSpec spec) => Spec = spec;

    public WorkflowSpec Spec { get; }

    /// <summary><c>k=v</c> of the query, over the stored labels.</summary>
    public ImmutableArray<string> LabelOverrides { get; init; } = [];

    /// <summary><c>K=V</c>, put into the environment of every task.</summary>
    public ImmutableArray<string> EnvironmentVariables { get; init; } = [];

    /// <summary>All of a workflow. Its labels are the stored ones, which may differ from those of the specification.</summary>
    public static Resubmission Whole(WorkflowSpec spec, ImmutableArray<KeyValuePair<string, string>> storedLabels) =>
        new(spec with { Labels = storedLabels });

    /// <summary>
    /// The groups of a failed workflow that did not complete; what they read from completed groups now comes from the old workflow.
    /// </summary>
    /// <param name="spec">Of the failed workflow.</param>
    /// <param name="storedLabels">Its labels.</param>
    /// <param name="workflowId">Its id.</param>
    /// <param name="status">Its status.</param>
    /// <param name="groups">Status of its groups by name; empty for a failed submission.</param>
    /// <param name="rejection">Why it cannot be restarted.</param>
    public static Resubmission? Restart(
        WorkflowSpec spec,
        ImmutableArray<KeyValuePair<string, string>> storedLabels,
        string workflowId,
        WorkflowStatus status,
        IReadOnlyDictionary<string, TaskGroupStatus> groups,
        out SpecRejection? rejection)
    {
        var kept = spec.Groups.Where(HasFailed).ToImmutableArray();
        var fault = !status.IsFinished || status == WorkflowStatus.Completed
            ? $"Restart can only be used on FAILED workflows: {workflowId} has status {WireEnum<WorkflowStatus>.Name(status)}."
            : kept.IsEmpty ? $"Workflow {workflowId} has no failed groups to restart; submit it again instead."
            : null;
        rejection = fault is null ? null : new SpecRejection { Code = SpecErrorCode.Submission, Message = fault };
        if (fault is not null)
        {
            return null;
        }

        var tasks = kept.SelectMany(group => group.Tasks).Select(task => task.Name).ToHashSet(StringComparer.Ordinal);
        return new Resubmission(spec with
        {
            Labels = storedLabels,
            Groups = [.. kept.Select(group => group with { Tasks = [.. group.Tasks.Select(Rewire)] })],
        });

        bool HasFailed(GroupSpec group) =>
            groups.TryGetValue(group.Name, out var state) && state.IsFinished && state != TaskGroupStatus.Completed;

        TaskSpec Rewire(TaskSpec task) => task with { Inputs = [.. task.Inputs.Select(RewireInput)] };

        InputSpec RewireInput(InputSpec input) => input is InputSpec.FromTask from && !tasks.Contains(from.Task)
            ? new InputSpec.FromOtherWorkflow(workflowId, from.Task, from.Regex)
            : input;
    }
}
