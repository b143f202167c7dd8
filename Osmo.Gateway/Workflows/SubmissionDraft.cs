using System.Collections.Immutable;
using Osmo.Gateway.Identity;
using Osmo.Grains.Interfaces;
using Osmo.Workflows;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;

namespace Osmo.Gateway.Workflows;

/// <summary>What is known of a submission beside its specification.</summary>
/// <param name="Template">The text the client rendered it from, kept for show.</param>
internal sealed record SubmissionDraft(
    string WorkflowUuid, string Pool, SubmitMode Mode, WorkflowPriority Priority, Caller Caller, WorkflowOrigin Origin, string? Template)
{
    public SubmitWorkflow Accepted(WorkflowSpec spec) => new(
        WorkflowUuid,
        spec.Name,
        Caller.User,
        Pool,
        WireEnum<WorkflowPriority>.Name(Priority),
        Labels(spec.Labels),
        SpecJson.Write(spec),
        SpecWriter.ToYaml(spec),
        Template,
        Origin,
        Caller.IsAdministrator);

    public RejectedSubmission Rejected(FailedSubmission failed, ImmutableArray<KeyValuePair<string, string>> labels, string message) => new(
        WorkflowUuid,
        SpecName.OfRejected(failed.WorkflowName, WorkflowUuid),
        Caller.User,
        Pool,
        WireEnum<WorkflowPriority>.Name(Priority),
        Labels(labels),
        failed.SpecYaml,
        Origin,
        message);

    private static ImmutableDictionary<string, string> Labels(ImmutableArray<KeyValuePair<string, string>> labels) =>
        labels.ToImmutableDictionary(StringComparer.Ordinal);
}

/// <summary>A workflow that is submitted again.</summary>
internal sealed record FormerWorkflow(WorkflowHead Head, SpecDocument Spec)
{
    public ImmutableArray<KeyValuePair<string, string>> Labels => [.. Head.Labels];

    public WorkflowOrigin Origin(string? appUuid = null, int? appVersion = null) => new(Head.Name, Head.Number, appUuid, AppVersion: appVersion);
}
