using Osmo.Protocol.LocalPods;
using Osmo.Runtime.Processes;

namespace Osmo.Runtime;

/// <summary>The surroundings of a role: its container's, or what the pod supervisor makes of them.</summary>
public sealed record RoleEnvironment
{
    /// <summary>The container's environment variables.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>Where relative paths start.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>What the container prints (its standard error).</summary>
    public required Stream Output { get; init; }

    /// <summary>Gets the last word, for the operator.</summary>
    public string TerminationMessageFile { get; init; } = "/dev/termination-log";

    /// <summary>Where the container's paths are on this machine; none are moved in a real container.</summary>
    public MountPaths Paths { get; init; } = new([]);

    /// <summary>From SIGTERM to SIGKILL for the user's command. Kubernetes' default is 30 s; the rest is for the last log lines.</summary>
    public TimeSpan TerminationGrace { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>Told which process groups must not outlive this process.</summary>
    public IOrphanGuard Orphans { get; init; } = NoOrphanGuard.Instance;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The place on this machine of a path as the container knows it.</summary>
    public string LocalPath(string containerPath) => Path.GetFullPath(Paths.Rewrite(containerPath), WorkingDirectory);

    /// <summary>A variable's value, or null when absent or empty.</summary>
    public string? Variable(string name) => Variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}
