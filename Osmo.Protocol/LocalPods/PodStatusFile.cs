using System.Collections.Immutable;

namespace Osmo.Protocol.LocalPods;

/// <summary>What became of a local pod: <c>status.json</c> in its directory, replaced atomically at each change.</summary>
/// <remarks>
/// <see cref="PodPhase.Succeeded"/> and <see cref="PodPhase.Failed"/> are final. A supervisor that holds no lock and left no final phase
/// was killed: the pod has failed.
/// </remarks>
public sealed record PodStatusFile(
    PodPhase Phase,
    DateTimeOffset StartTime,
    ImmutableArray<ContainerStatusEntry> InitContainers,
    ImmutableArray<ContainerStatusEntry> Containers)
{
    public const string FileName = "status.json";

    /// <exception cref="InvalidDataException">Names the file and what is wrong in it.</exception>
    public static PodStatusFile Load(string path) => LocalPodFiles.Load(path, PodStatusJson.Read);

    public void Save(string path) => LocalPodFiles.Save(path, json => PodStatusJson.Write(json, this));
}

/// <summary>Phases of a pod, as in Kubernetes.</summary>
public enum PodPhase
{
    /// <summary>Init containers run.</summary>
    Pending = 1,

    /// <summary>All init containers succeeded; at least one container has not ended.</summary>
    Running,

    /// <summary>Every container ended with 0.</summary>
    Succeeded,

    /// <summary>Every container ended, at least one not with 0; or an init container failed.</summary>
    Failed,
}

/// <summary>State of a container, as in Kubernetes.</summary>
public enum ContainerState
{
    Waiting = 1,
    Running,
    Terminated,
}

/// <summary>One container's state.</summary>
/// <param name="Name">As in the manifest.</param>
/// <param name="State">Waiting, running or terminated.</param>
/// <param name="Reason">Waiting: <c>PodInitializing</c>. Terminated: <c>Completed</c> (exit code 0), <c>Error</c>, or <c>StartError</c>
/// (never ran).</param>
/// <param name="Message">Terminated: the termination message, at most 4096 characters; after StartError what went wrong.</param>
/// <param name="ExitCode">Terminated only; 128 + signal for a process that a signal ended.</param>
/// <param name="Signal">The signal that ended the process.</param>
/// <param name="StartedAt">Running and terminated.</param>
/// <param name="FinishedAt">Terminated.</param>
/// <param name="Pid">Of the process; for a hosted role, the supervisor's.</param>
public sealed record ContainerStatusEntry(
    string Name,
    ContainerState State,
    string? Reason = null,
    string? Message = null,
    int? ExitCode = null,
    int? Signal = null,
    DateTimeOffset? StartedAt = null,
    DateTimeOffset? FinishedAt = null,
    int? Pid = null);
