using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Operators;

/// <summary>
/// Deletes a backend: first its workflows end, then it is forgotten (contract: backend-protocol §17, lifecycle §11). Every step may be done again, so who
/// asks again after a failure goes on where it stopped.
/// </summary>
internal sealed class BackendRemoval(IGrainFactory grains, IWorkflowQueries queries)
{
    private const int BatchMax = 200;
    private const int ParallelMax = 8;

    /// <summary>How many workflows a refusal names.</summary>
    private const int NamesMax = 5;

    /// <summary>Null when the backend is gone.</summary>
    /// <param name="force">Ends the workflows that are going on there; else they keep it from being deleted.</param>
    public async Task<Refusal?> Remove(string backend, bool force, CancellationToken cancellation)
    {
        if (!force && await queries.OngoingWorkflows(backend, NamesMax + 1, cancellation) is { Count: > 0 } ongoing)
        {
            var names = string.Join(", ", ongoing.Take(NamesMax).Select(workflow => workflow.WorkflowId));
            var more = ongoing.Count > NamesMax ? " and others" : "";
            return new Refusal(ErrorCodes.User, $"Backend {backend} has workflows that have not ended: {names}{more}. Cancel them first, or delete it with force.");
        }

        var told = new HashSet<string>(StringComparer.Ordinal);
        while (await Concerned(backend, cancellation) is var workflows && !told.IsSupersetOf(workflows))
        {
            told.UnionWith(workflows);
            await Parallel.ForEachAsync(
                workflows,
                new ParallelOptions { MaxDegreeOfParallelism = ParallelMax, CancellationToken = cancellation },
                async (workflow, stop) => await Transient.Retry(() => grains.GetGrain<IWorkflowGrain>(workflow).RemoveBackend(), stop));
        }

        await Transient.Retry(() => grains.GetGrain<IBackendGrain>(backend).Remove(), cancellation);
        return null;
    }

    /// <summary>Those that go on, and those that wait for something to be removed from the cluster.</summary>
    private async Task<IReadOnlyCollection<string>> Concerned(string backend, CancellationToken cancellation)
    {
        var ongoing = await queries.OngoingWorkflows(backend, BatchMax, cancellation);
        var jobs = await queries.OpenJobs(backend, BatchMax, cancellation);
        return ongoing.Select(workflow => workflow.WorkflowUuid)
            .Concat(jobs.Select(row => StoredDocument.Parse(row, DocumentJson.Default.JobDocument).WorkflowUuid))
            .ToHashSet(StringComparer.Ordinal);
    }
}
