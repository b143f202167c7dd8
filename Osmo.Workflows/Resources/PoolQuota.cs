using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;

namespace Osmo.Workflows.Resources;

/// <summary>GPUs of the running tasks of a pool.</summary>
/// <param name="Total">Of all priorities.</param>
/// <param name="Guaranteed">Of HIGH and NORMAL, which count against the guarantee.</param>
public sealed record PoolGpuUsage(int Total, int Guaranteed);

/// <summary>Wire form of <c>GET /api/pool_quota</c> (contract: api-rest §12, config §12).</summary>
public sealed record PoolQuotaAnswer(ImmutableArray<NodeSet> NodeSets, ResourceUsage ResourceSum);

/// <summary>Pools that share nodes, directly or through others.</summary>
public sealed record NodeSet(ImmutableArray<PoolEntry> Pools);

/// <summary>GPUs, whole numbers as texts.</summary>
public sealed record ResourceUsage(
    string QuotaUsed, string QuotaFree, string QuotaLimit, string TotalUsage, string TotalCapacity, string TotalFree);

/// <summary>GPU quotas of pools and what is left of them.</summary>
public static class PoolQuota
{
    /// <param name="nodes">All nodes: sets and capacities do not depend on which pools are asked for.</param>
    /// <param name="model">The configuration.</param>
    /// <param name="names">Pools to show; null for all.</param>
    /// <param name="usage">By pool; a pool without running tasks may be absent.</param>
    /// <param name="statusOf">As <see cref="PoolStatusRule"/> tells.</param>
    public static PoolQuotaAnswer Of(
        IEnumerable<NodeDocument> nodes,
        ResourceModel model,
        ImmutableHashSet<string>? names,
        IReadOnlyDictionary<string, PoolGpuUsage> usage,
        Func<PoolModel, PoolStatus> statusOf)
    {
        var sum = new Gpus();
        var sets = ImmutableArray.CreateBuilder<NodeSet>();
        foreach (var shared in NodeSets([.. nodes.Select(model.Node)], model.Configuration))
        {
            var shown = shared.Pools.Where(pool => names is null || names.Contains(pool.Name)).ToList();
            if (shown.Count == 0)
            {
                continue;
            }

            sum = sum with { Capacity = sum.Capacity + shared.Capacity, Free = sum.Free + shared.Free };
            var entries = ImmutableArray.CreateBuilder<PoolEntry>(shown.Count);
            foreach (var pool in shown)
            {
                var gpus = Of(pool, shared, usage.GetValueOrDefault(pool.Name) ?? new PoolGpuUsage(0, 0));
                sum = sum with { Used = sum.Used + gpus.Used, Limit = sum.Limit + gpus.Limit, Usage = sum.Usage + gpus.Usage };
                entries.Add(PoolEntry.Of(pool, statusOf(pool)) with
                {
                    Resources = new PoolResources { Gpu = pool.Gpu },
                    ResourceUsage = gpus.ToTexts(),
                });
            }

            sets.Add(new NodeSet(entries.DrainToImmutable()));
        }

        return new PoolQuotaAnswer(sets.DrainToImmutable(), sum.ToTexts());
    }

    /// <summary>
    /// Connected components of pools and nodes; pools without nodes form one set for each backend. Ordered by first pool.
    /// </summary>
    private static List<SharedNodes> NodeSets(ImmutableArray<NodeModel> nodes, ConfigurationModel configuration)
    {
        var representative = configuration.Pools.Keys.ToDictionary(name => name, name => name, StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            foreach (var (key, _) in node.Platforms)
            {
                Join(node.Platforms[0].Key.Pool, key.Pool);
            }
        }

        var populated = nodes.SelectMany(node => node.Platforms).Select(pair => pair.Key.Pool).ToHashSet(StringComparer.Ordinal);
        foreach (var backend in configuration.Pools.Values.Where(pool => !populated.Contains(pool.Name)).GroupBy(pool => pool.Backend))
        {
            foreach (var pool in backend)
            {
                Join(backend.First().Name, pool.Name);
            }
        }

        var nodesBySet = nodes.Where(node => !node.Platforms.IsEmpty).ToLookup(node => Find(node.Platforms[0].Key.Pool));
        return
        [
            .. configuration.Pools.Values.GroupBy(pool => Find(pool.Name)).Select(set => new SharedNodes([.. set], nodesBySet[set.Key])),
        ];

        string Find(string pool)
        {
            while (representative[pool] != pool)
            {
                pool = representative[pool] = representative[representative[pool]];
            }

            return pool;
        }

        void Join(string one, string other) => representative[Find(other)] = Find(one);
    }

    private static Gpus Of(PoolModel pool, SharedNodes shared, PoolGpuUsage usage) => new()
    {
        Used = usage.Guaranteed,
        Limit = pool.Gpu.Guarantee == -1 ? shared.Capacity : pool.Gpu.Guarantee,
        Usage = usage.Total,
        Capacity = shared.Capacity,
        Free = shared.Free,
    };

    private sealed record SharedNodes(ImmutableArray<PoolModel> Pools, IEnumerable<NodeModel> Nodes)
    {
        public long Capacity { get; } = Nodes.Sum(node => Count(node.Allocatable));

        /// <summary>Usage already holds what runs beside workflows, so it is subtracted once.</summary>
        public long Free { get; } = Nodes.Sum(node => Math.Max(0, Count(node.Allocatable) - Count(node.Usage)));

        private static long Count(NodeAmounts amounts) => (long)(amounts.Gpu ?? 0);
    }

    private sealed record Gpus
    {
        public long Used { get; init; }

        public long Limit { get; init; }

        public long Usage { get; init; }

        public long Capacity { get; init; }

        public long Free { get; init; }

        public ResourceUsage ToTexts() => new($"{Used}", $"{Limit - Used}", $"{Limit}", $"{Usage}", $"{Capacity}", $"{Free}");
    }
}
