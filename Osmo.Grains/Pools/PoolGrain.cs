using Osmo.Grains.Configuration;
using Osmo.Grains.Interfaces;
using Osmo.Workflows;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Grains.Pools;

[GrainType("pool")]
public sealed class PoolGrain(ConfigurationCache configuration) : Grain, IPoolGrain
{
    public async Task<Admission> Admit(AdmissionRequest request)
    {
        var name = this.GetPrimaryKeyString();
        var model = await configuration.Current();
        if (!model.Pools.TryGetValue(name, out var pool))
        {
            return Refused("USER", $"Pool {name} not found.");
        }

        if (pool.Config.EnableMaintenance && !request.IsAdministrator)
        {
            return Refused("USAGE", $"Pool {name} is undergoing maintenance. Please submit to another pool or try again later.");
        }

        var guarantee = pool.Gpu.Guarantee;
        if (request.Priority != WireEnum<WorkflowPriority>.Name(WorkflowPriority.Low) && guarantee != -1 && request.LargestGroupGpus > guarantee)
        {
            return Refused(
                "USAGE",
                $"Pool {name} has {guarantee} GPUs guaranteed for NORMAL/HIGH priority workflows and group {request.LargestGroup} requires "
                + $"{request.LargestGroupGpus} GPUs. Please submit with LOW priority or use fewer GPUs.");
        }

        return new Admission(null);
    }

    private static Admission Refused(string errorCode, string message) => new(new Refusal(errorCode, message));
}
