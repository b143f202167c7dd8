using System.Collections.Immutable;

namespace Osmo.ClusterTests.Processes;

/// <summary>What a cluster on this machine consists of.</summary>
internal sealed record ClusterPlan(int Silos, int Gateways)
{
    /// <summary>Operators as processes; each has a pool and a Kubernetes of its own, whose pods end as soon as they run (<see cref="QuickNodes"/>).</summary>
    public int Operators { get; init; }

    /// <summary>This machine as the backend of pool <c>default</c>; its tasks are processes.</summary>
    public bool HasLocalBackend { get; init; } = true;

    /// <summary>What connects its processes.</summary>
    public Network Network { get; init; } = Network.Shared;

    /// <summary>Where logs are archived, as <c>Osmo:Storage:Objects</c> has it, with keys from the environment. Null: in a folder, or in <see cref="HasS3"/>.</summary>
    public string? Objects { get; init; }

    /// <summary>Starts an S3 server, where the machine has one.</summary>
    public bool HasS3 { get; init; }

    /// <summary>For all silos and gateways, such as <c>--Osmo:Cluster:MissedProbes=5</c>.</summary>
    public ImmutableArray<string> Settings { get; init; } = [];

    /// <summary>Where each process' output goes; null: nowhere.</summary>
    public string? LogFolder { get; init; }
}
