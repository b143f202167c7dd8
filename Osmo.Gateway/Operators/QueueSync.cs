using Osmo.Gateway.Meta;
using Osmo.Protocol.Backend;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Objects;

namespace Osmo.Gateway.Operators;

/// <summary>KAI's queues and topologies as the backend's pools want them (contract: backend-protocol §10.8).</summary>
internal sealed class QueueSync(ConfigurationCache configuration, string backend) : IWantedState
{
    private string? _brought;

    public async Task<WantedJob?> Next(BackendMessage.Init worker, CancellationToken cancellation)
    {
        var model = await configuration.Get(cancellation);
        if (model.Backend(backend).SchedulerSettings.SchedulerType != SchedulerType.Kai)
        {
            return null;
        }

        var id = $"{backend}-modify-queues-{Guid.NewGuid():N}";
        var document = JobDocuments.SynchronizeQueues(id, backend, worker.K8sNamespace, model.Pools.Values.Where(pool => pool.Backend == backend));
        var wanted = document["k8s_resources"]!.ToJsonString();
        return wanted == _brought ? null : new WantedJob(id, document, wanted);
    }

    public void Done(WantedJob job) => _brought = job.Wanted;
}
