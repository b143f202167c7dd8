using System.Collections.Immutable;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Gateway.Workflows;

/// <summary>Reads the documents of a workflow, given by id or uuid; both are accepted everywhere (contract: api-rest §8.0).</summary>
internal sealed class WorkflowReader(IWorkflowQueries queries, IStateStore store)
{
    public async Task<WorkflowHead?> Head(string idOrUuid, CancellationToken cancellation) =>
        await queries.ReadWorkflow(idOrUuid, WorkflowDepth.Head, cancellation) is { } rows
            ? StoredDocument.Parse(rows.Head, DocumentJson.Default.WorkflowHead)
            : null;

    public async Task<WorkflowDocuments?> Read(string idOrUuid, WorkflowDepth depth, CancellationToken cancellation)
    {
        if (await queries.ReadWorkflow(idOrUuid, depth, cancellation) is not { } rows)
        {
            return null;
        }

        return new WorkflowDocuments(
            StoredDocument.Parse(rows.Head, DocumentJson.Default.WorkflowHead),
            rows.Plan is null ? null : StoredDocument.Parse(rows.Plan, DocumentJson.Default.WorkflowPlan),
            rows.Groups.Select(row => StoredDocument.Parse(row, DocumentJson.Default.GroupState)).ToImmutableDictionary(group => group.Name),
            [.. rows.Tasks.Select(row => StoredDocument.Parse(row, DocumentJson.Default.TaskDocument))]);
    }

    /// <summary>The stored texts; null when the workflow has none.</summary>
    public async Task<SpecDocument?> Spec(string workflowUuid, CancellationToken cancellation) =>
        await store.Read(new RowKey(RowKind.Spec, workflowUuid), cancellation) is { } row
            ? StoredDocument.Parse(row, DocumentJson.Default.SpecDocument)
            : null;
}

/// <summary>A workflow as stored at one instant.</summary>
/// <param name="Plan">Null for a rejected submission.</param>
/// <param name="Groups">By name.</param>
/// <param name="Tasks">Attempts, as many as were asked for.</param>
internal sealed record WorkflowDocuments(
    WorkflowHead Head, WorkflowPlan? Plan, ImmutableDictionary<string, GroupState> Groups, ImmutableArray<TaskDocument> Tasks);
