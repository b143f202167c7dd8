using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Workflows.Objects;

/// <summary>What KAI needs besides pods (contract: backend-protocol §13, config §14).</summary>
public static class SchedulerObjects
{
    internal static ObjectKind PodGroupKind { get; } = new("scheduling.run.ai/v2alpha2", "PodGroup");

    internal static ObjectKind QueueKind { get; } = new("scheduling.run.ai/v2", "Queue");

    internal static ObjectKind TopologyKind { get; } = new("kai.scheduler/v1alpha1", "Topology");

    /// <summary>
    /// The queues of a backend's pools, and the topologies of those that have keys; what a backend should have, no more and no less.
    /// </summary>
    public static ImmutableArray<JsonObject> ForBackend(string @namespace, IEnumerable<PoolModel> pools)
    {
        PoolModel[] ordered = [.. pools.OrderBy(pool => pool.Name, StringComparer.Ordinal)];
        return
        [
            Queue(ObjectNames.DefaultQueue(@namespace), @namespace, null, new GpuQuota()),
            .. ordered.Select(
                pool => Queue(ObjectNames.Queue(@namespace, pool.Name), @namespace, ObjectNames.DefaultQueue(@namespace), pool.Gpu)),
            .. ordered.Where(pool => !pool.Config.TopologyKeys.IsEmpty).Select(pool => Topology(pool, @namespace)),
        ];
    }

    /// <summary>The class that PodGroups name; the cluster must have one for each priority (contract: backend-protocol §13.1).</summary>
    public static string PriorityClass(WorkflowPriority priority) => $"osmo-{GroupLabels.PriorityName(priority)}";

    internal static JsonObject PodGroup(GroupContext group)
    {
        var spec =
            new JsonObject { ["queue"] = group.Queue, ["priorityClassName"] = PriorityClass(group.Plan.Priority) };
        group.Topology.WriteTo(spec, group.Tasks.Length, ObjectNames.Topology(group.Request.Namespace, group.Plan.Pool));
        var labels = GroupLabels.ToObject(group.Labels);
        labels["kai.scheduler/queue"] = group.Queue;
        labels["runai/queue"] = group.Queue;
        return Object(PodGroupKind, group.Group.Uuid, labels, spec);
    }

    private static JsonObject Queue(string name, string @namespace, string? parent, GpuQuota gpu)
    {
        var spec = new JsonObject();
        if (parent is not null)
        {
            spec["parentQueue"] = parent;
        }

        spec["resources"] = new JsonObject
        {
            ["gpu"] = Quota(gpu.Guarantee, gpu.Maximum, gpu.Weight),
            ["cpu"] = Quota(-1, -1, 1),
            ["memory"] = Quota(-1, -1, 1),
        };
        return Object(QueueKind, name, NamespaceLabels(@namespace), spec);
    }

    private static JsonObject Topology(PoolModel pool, string @namespace)
    {
        var labels = NamespaceLabels(@namespace);
        labels["osmo.pool"] = pool.Name;
        var levels = new JsonArray([.. pool.Config.TopologyKeys.Select(key => new JsonObject { ["nodeLabel"] = key.Label })]);
        return Object(TopologyKind, ObjectNames.Topology(@namespace, pool.Name), labels, new JsonObject { ["levels"] = levels });
    }

    internal static JsonObject NamespaceLabels(string @namespace) => new() { ["osmo.namespace"] = @namespace };

    private static JsonObject Quota(int quota, int limit, int weight) =>
        new() { ["quota"] = quota, ["limit"] = limit, ["overQuotaWeight"] = weight };

    private static JsonObject Object(ObjectKind kind, string name, JsonObject labels, JsonObject spec) => new()
    {
        ["apiVersion"] = kind.ApiVersion,
        ["kind"] = kind.Kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = labels },
        ["spec"] = spec,
    };
}
