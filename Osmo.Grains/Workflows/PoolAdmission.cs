using Osmo.Grains.Interfaces;
using Osmo.Workflows;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;

namespace Osmo.Grains.Workflows;

/// <summary>Whether a pool takes a workflow now, by its configuration alone (contract: lifecycle §12, workflow-spec §8.4).</summary>
internal static class PoolAdmission
{
    /// <summary>Null when it does.</summary>
    public static Refusal? Refuse(PoolModel pool, SubmitWorkflow request, WorkflowSpec spec)
    {
        if (pool.Config.EnableMaintenance && !request.IsAdministrator)
        {
            return new Refusal("USAGE", $"Pool {pool.Name} is undergoing maintenance. Please submit to another pool or try again later.");
        }

        var guarantee = pool.Gpu.Guarantee;
        if (guarantee == -1 || request.Priority == WireEnum<WorkflowPriority>.Name(WorkflowPriority.Low))
        {
            return null;
        }

        var gpus = spec.Resources.ToDictionary(resource => resource.Key, resource => resource.Value.Gpu ?? 0, StringComparer.Ordinal);
        var largest = spec.Groups.Select(group => (group.Name, Gpus: group.Tasks.Sum(task => gpus[task.Resource]))).MaxBy(group => group.Gpus);
        return largest.Gpus <= guarantee
            ? null
            : new Refusal(
                "USAGE",
                $"Pool {pool.Name} has {guarantee} GPUs guaranteed for NORMAL/HIGH priority workflows and group {largest.Name} requires "
                + $"{largest.Gpus} GPUs. Please submit with LOW priority or use fewer GPUs.");
    }
}
