using Microsoft.Extensions.Hosting;
using Osmo.BackendOperator.Local;

namespace Osmo.BackendOperator;

/// <summary>
/// Starts the local cluster with the host and ends its pods with it; registered before, so stopped after, the operator. In one process with
/// the control plane the pods end before the server does, which still takes their last lines.
/// </summary>
internal sealed class LocalClusterService(LocalCluster cluster) : IHostedLifecycleService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cluster.Start();
        return Task.CompletedTask;
    }

    // The cluster bounds its own stop; leaving pods behind because somebody is in a hurry would be worse.
    public Task StoppingAsync(CancellationToken cancellationToken) => cluster.StopAsync();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
