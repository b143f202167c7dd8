using Osmo.Gateway.Meta;
using Osmo.Protocol.Backend;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Objects;

namespace Osmo.Gateway.Operators;

/// <summary>KAI's queues and topologies as the backend's pools want them (contract: backend-protocol §10.8).</summary>
internal sealed class QueueSync(ConfigurationCache configuration, TimeProvider time, string backend) : WantedState(configuration, time)
{
    protected override WantedJob? Job(ConfigurationModel model, BackendMessage.Init worker, bool isFirst)
    {
        if (model.Backend(backend).SchedulerSettings.SchedulerType != SchedulerType.Kai)
        {
            return null;
        }

        var id = $"{backend}-modify-queues-{Guid.NewGuid():N}";
        var document = JobDocuments.SynchronizeQueues(id, backend, worker.K8sNamespace, model.Pools.Values.Where(pool => pool.Backend == backend));
        return new WantedJob(id, document, document["k8s_resources"]!.ToJsonString());
    }
}
