using Microsoft.Extensions.Hosting;
using Osmo.BackendOperator.Local;

namespace Osmo.BackendOperator;

/// <summary>Starts the local cluster with the host and ends its pods with it; registered before, so stopped after, the operator.</summary>
internal sealed class LocalClusterService(LocalCluster cluster) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cluster.Start();
        return Task.CompletedTask;
    }

    // The cluster bounds its own stop; leaving pods behind because somebody is in a hurry would be worse.
    public Task StopAsync(CancellationToken cancellationToken) => cluster.StopAsync();
}
