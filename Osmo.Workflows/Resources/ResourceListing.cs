using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;

namespace Osmo.Workflows.Resources;

/// <summary>Which platforms a listing shows.</summary>
/// <param name="Pools">Only these pools; none shows nothing.</param>
/// <param name="Platforms">Only platforms of these names; null for all.</param>
public sealed record ResourceFilter(ImmutableHashSet<string> Pools, ImmutableHashSet<string>? Platforms = null)
{
    public bool Shows(PlatformKey key) => Pools.Contains(key.Pool) && (Platforms is null || Platforms.Contains(key.Platform));
}

/// <summary>The answers of <c>GET /api/resources</c> (contract: api-rest §13, config §12).</summary>
public static class ResourceListing
{
    private const decimal Gi = 1L << 30;

    /// <summary>Available nodes with at least one platform that the filter shows, ordered by backend and name.</summary>
    public static ResourcesAnswer List(IEnumerable<NodeDocument> nodes, ResourceModel model, ResourceFilter filter) => new(
    [
        .. nodes
            .Where(node => node.Available)
            .OrderBy(node => node.Backend, StringComparer.Ordinal)
            .ThenBy(node => node.Hostname, StringComparer.Ordinal)
            .Select(model.Node)
            .Where(node => node.Platforms.Any(pair => filter.Shows(pair.Key)))
            .Select(node => Entry(node, model.Configuration, filter.Shows)),
    ]);

    /// <summary>All nodes of one name, whoever may use them; empty when there is none.</summary>
    public static ResourcesAnswer Named(IEnumerable<NodeDocument> nodes, string hostname, ResourceModel model) => new(
    [
        .. nodes
            .Where(node => node.Hostname == hostname)
            .OrderBy(node => node.Backend, StringComparer.Ordinal)
            .Select(node => Entry(model.Node(node), model.Configuration, _ => true)),
    ]);

    /// <summary>Sums for each platform over all its nodes, available or not; memory and storage in GiB.</summary>
    public static ConciseResourcesAnswer Concise(
        IEnumerable<NodeDocument> nodes, ResourceModel model, ResourceFilter filter, Func<PoolModel, PoolStatus> statusOf)
    {
        var byPlatform = nodes.Select(model.Node)
            .SelectMany(node => node.Platforms.Select(pair => (pair.Key, Node: node)))
            .Where(pair => filter.Shows(pair.Key))
            .ToLookup(pair => pair.Key, pair => pair.Node);
        return new ConciseResourcesAnswer(
        [
            .. from pool in model.Configuration.Pools.Values
               from platform in pool.Platforms.Keys
               let key = new PlatformKey(pool.Name, platform)
               where filter.Shows(key)
               select new ConcisePlatform(
                   pool.Name,
                   platform,
                   pool.Backend,
                   statusOf(pool),
                   Sum(byPlatform[key].Select(node => node.Usage)),
                   Sum(byPlatform[key].Select(node => node.Allocatable))),
        ]);
    }

    private static ResourcesEntry Entry(NodeModel model, ConfigurationModel configuration, Func<PlatformKey, bool> shows)
    {
        var node = model.Node;
        var shown = model.Platforms.Where(pair => shows(pair.Key)).ToImmutableArray();
        return new ResourcesEntry
        {
            Hostname = node.Hostname,
            Backend = node.Backend,
            ResourceType = model.ResourceType,
            Taints = node.Taints,
            ExposedFields = new ExposedFields
            {
                Node = node.Hostname,
                PoolPlatform = [.. shown.Select(pair => pair.Key.ToString())],
                Storage = Whole(model.Allocatable.Storage / Gi),
                Cpu = Whole(model.Allocatable.Cpu),
                Memory = Whole(model.Allocatable.Memory / Gi),
                Gpu = Whole(model.Allocatable.Gpu),
            },
            PoolPlatformLabels = shown.GroupBy(pair => pair.Key.Pool).ToImmutableSortedDictionary(
                pool => pool.Key, pool => pool.Select(pair => pair.Key.Platform).ToImmutableArray()),
            AllocatableFields = model.Allocatable.ToTexts(),
            UsageFields = model.Usage.ToTexts(),
            NonWorkflowUsageFields = node.NonWorkflowUsageFields,
            PlatformAllocatableFields = ByPlatform(shown, (_, figures) => figures.Allocatable),
            PlatformAvailableFields = ByPlatform(shown, (_, figures) => figures.Available),
            PlatformWorkflowAllocatableFields = ByPlatform(shown, (_, figures) => figures.WorkflowAllocatable),
            ConfigFields = ByPlatform(shown, (key, _) => Config(configuration.Pools[key.Pool].Platforms[key.Platform])),
        };
    }

    private static PlatformRules Config(PlatformModel platform) =>
        new(platform.Config.HostNetworkAllowed, platform.Config.PrivilegedAllowed, platform.DefaultMounts, platform.Config.AllowedMounts);


    private static ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, T>> ByPlatform<T>(
        ImmutableArray<KeyValuePair<PlatformKey, PlatformFigures>> platforms, Func<PlatformKey, PlatformFigures, T> select) =>
        platforms.GroupBy(pair => pair.Key.Pool).ToImmutableSortedDictionary(
            pool => pool.Key, pool => pool.ToImmutableSortedDictionary(pair => pair.Key.Platform, pair => select(pair.Key, pair.Value)));

    private static ConciseAmounts Sum(IEnumerable<NodeAmounts> amounts)
    {
        decimal storage = 0, cpu = 0, memory = 0, gpu = 0;
        foreach (var amount in amounts)
        {
            storage += amount.Storage ?? 0;
            cpu += amount.Cpu ?? 0;
            memory += amount.Memory ?? 0;
            gpu += amount.Gpu ?? 0;
        }

        return new ConciseAmounts((double)(storage / Gi), (double)cpu, (double)(memory / Gi), (double)gpu);
    }

    private static string Whole(decimal? amount) => decimal.Floor(amount ?? 0).ToString("0");
}
