using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Osmo.Workflows.Configuration;

namespace Osmo.Workflows.Resources;

/// <summary>Wire form of <c>GET /api/pool</c> (contract: api-rest §12).</summary>
public sealed record PoolsAnswer(ImmutableSortedDictionary<string, PoolEntry> Pools)
{
    /// <param name="configuration">The pools.</param>
    /// <param name="names">Only these; null for all.</param>
    /// <param name="statusOf">As <see cref="PoolStatusRule"/> tells.</param>
    public static PoolsAnswer Of(ConfigurationModel configuration, ImmutableHashSet<string>? names, Func<PoolModel, PoolStatus> statusOf) =>
        new(
        configuration.Pools.Values
            .Where(pool => names is null || names.Contains(pool.Name))
            .ToImmutableSortedDictionary(pool => pool.Name, pool => PoolEntry.Of(pool, statusOf(pool))));
}

/// <summary>A pool as every user may see it; timeouts are those in force.</summary>
public sealed record PoolEntry
{
    public required string Name { get; init; }

    public required string Description { get; init; }

    public required PoolStatus Status { get; init; }

    public required string? DownloadType { get; init; }

    public required bool EnableMaintenance { get; init; }

    public required string Backend { get; init; }

    public required string? DefaultPlatform { get; init; }

    public required string DefaultExecTimeout { get; init; }

    public required string DefaultQueueTimeout { get; init; }

    public required string MaxExecTimeout { get; init; }

    public required string MaxQueueTimeout { get; init; }

    [JsonConverter(typeof(OrderedTextsConverter))]
    public required ImmutableArray<KeyValuePair<string, string>> DefaultExitActions { get; init; }

    public required PoolResources Resources { get; init; }

    public required ImmutableArray<TopologyKey> TopologyKeys { get; init; }

    public required ImmutableSortedDictionary<string, PlatformEntry> Platforms { get; init; }

    /// <summary>Only in <c>GET /api/pool_quota</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ResourceUsage? ResourceUsage { get; init; }

    public static PoolEntry Of(PoolModel pool, PoolStatus status) => new()
    {
        Name = pool.Name,
        Description = pool.Config.Description,
        Status = status,
        DownloadType = pool.Config.DownloadType,
        EnableMaintenance = pool.Config.EnableMaintenance,
        Backend = pool.Backend,
        DefaultPlatform = pool.Config.DefaultPlatform,
        DefaultExecTimeout = pool.DefaultExecTimeout.ToString(),
        DefaultQueueTimeout = pool.DefaultQueueTimeout.ToString(),
        MaxExecTimeout = pool.MaxExecTimeout.ToString(),
        MaxQueueTimeout = pool.MaxQueueTimeout.ToString(),
        DefaultExitActions = pool.Config.DefaultExitActions,
        Resources = pool.Config.Resources,
        TopologyKeys = pool.Config.TopologyKeys,
        Platforms = pool.Platforms.ToImmutableSortedDictionary(pair => pair.Key, pair => PlatformEntry.Of(pair.Value)),
    };
}

/// <summary>What a platform lets tasks do, as lists of pools show it (contract: config §12).</summary>
public sealed record PlatformEntry(
    string Description,
    bool HostNetworkAllowed,
    bool PrivilegedAllowed,
    ImmutableArray<string> AllowedMounts,
    ImmutableArray<string> DefaultMounts)
{
    public static PlatformEntry Of(PlatformModel platform) => new(
        platform.Config.Description,
        platform.Config.HostNetworkAllowed,
        platform.Config.PrivilegedAllowed,
        platform.Config.AllowedMounts,
        platform.DefaultMounts);
}
