using System.Text.Json.Serialization;
using Osmo.Workflows.Configuration;

namespace Osmo.Workflows.Resources;

/// <summary>Whether a pool takes and runs work (contract: config §10).</summary>
[JsonConverter(typeof(WireEnumConverter<PoolStatus>))]
public enum PoolStatus
{
    Online = 1,

    /// <summary>Its backend is not heard of; submissions are accepted all the same.</summary>
    Offline,

    Maintenance,
}

/// <summary>How the status of a pool follows from its backend (contract: config §10).</summary>
public static class PoolStatusRule
{
    /// <summary>A backend is online while its last heartbeat is at most this old.</summary>
    public static TimeSpan HeartbeatTolerance { get; } = TimeSpan.FromMinutes(2);

    /// <param name="pool">The pool.</param>
    /// <param name="lastHeartbeat">Of the pool's backend; null when it never registered.</param>
    /// <param name="now">UTC, as the heartbeat.</param>
    public static PoolStatus Of(PoolModel pool, DateTime? lastHeartbeat, DateTime now) =>
        pool.Config.EnableMaintenance ? PoolStatus.Maintenance
        : lastHeartbeat is { } heartbeat && now - heartbeat <= HeartbeatTolerance ? PoolStatus.Online
        : PoolStatus.Offline;
}
