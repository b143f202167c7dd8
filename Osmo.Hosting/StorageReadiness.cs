using Osmo.Storage.Queries;

namespace Osmo.Hosting;

/// <summary>The database answers.</summary>
internal sealed class StorageReadiness(IWorkflowQueries queries) : IReadiness
{
    public async Task<string?> WhyNot(CancellationToken cancellation)
    {
        await queries.FindWorkflow("readiness-0", cancellation);
        return null;
    }
}
