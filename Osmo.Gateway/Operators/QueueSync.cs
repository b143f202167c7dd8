using System.Text.Json.Nodes;
using Osmo.Gateway.Meta;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Objects;

namespace Osmo.Gateway.Operators;

/// <summary>
/// Keeps KAI's queues and topologies on a backend as its pools want them (contract: backend-protocol §10.8): the wanted state goes to every
/// worker that connects, and again whenever it changes. Nothing of it is stored, so nothing can be lost or stale.
/// </summary>
internal sealed class QueueSync(ConfigurationCache configuration, string backend)
{
    private string? _brought;

    /// <summary>The job that brings about what was not brought about yet on this connection; null when there is none.</summary>
    /// <param name="namespace">Of the backend's pods.</param>
    public async Task<QueueSyncJob?> Next(string @namespace, CancellationToken cancellation)
    {
        var model = await configuration.Get(cancellation);
        if (model.Backend(backend).SchedulerSettings.SchedulerType != SchedulerType.Kai)
        {
            return null;
        }

        var id = $"{backend}-modify-queues-{Guid.NewGuid():N}";
        var document = JobDocuments.SynchronizeQueues(id, backend, @namespace, model.Pools.Values.Where(pool => pool.Backend == backend));
        var wanted = document["k8s_resources"]!.ToJsonString();
        return wanted == _brought ? null : new QueueSyncJob(id, document, wanted);
    }

    /// <summary>Nothing more is to be done for this job: it succeeded, or will never.</summary>
    public void Done(QueueSyncJob job) => _brought = job.Wanted;
}

/// <param name="Wanted">What the objects are to be, as text to compare.</param>
internal sealed record QueueSyncJob(string Id, JsonObject Document, string Wanted);
