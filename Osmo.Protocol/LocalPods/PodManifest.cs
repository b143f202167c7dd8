using System.Collections.Immutable;

namespace Osmo.Protocol.LocalPods;

/// <summary>What the local cluster asks a pod supervisor to run: <c>manifest.json</c> in the pod's directory.</summary>
/// <param name="PodName">The pod's name.</param>
/// <param name="PodUid">Identity of this pod among all that had the name.</param>
/// <param name="Namespace">The Kubernetes namespace the pod would be in.</param>
/// <param name="NodeName">The node the pod counts for.</param>
/// <param name="InitContainers">Run one after another; one that fails ends the pod.</param>
/// <param name="Containers">Run together after the init containers. None is ever restarted.</param>
/// <param name="TerminationGraceSeconds">From SIGTERM to SIGKILL.</param>
public sealed record PodManifest(
    string PodName,
    string PodUid,
    string Namespace,
    string NodeName,
    ImmutableArray<ContainerManifest> InitContainers,
    ImmutableArray<ContainerManifest> Containers,
    int TerminationGraceSeconds)
{
    /// <summary>The manifest's name in the pod's directory.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Held by flock(2) for as long as the supervisor lives.</summary>
    public const string LockFileName = "supervisor.lock";

    /// <exception cref="InvalidDataException">Names the file and what is wrong in it.</exception>
    public static PodManifest Load(string path) => LocalPodFiles.Load(path, PodManifestJson.Read);

    public void Save(string path) => LocalPodFiles.Save(path, json => PodManifestJson.Write(json, this));
}

/// <summary>One container of a local pod: a process, or a role of the runtime hosted by the supervisor.</summary>
/// <param name="Name">As in Kubernetes; <c>osmo-init</c> and <c>osmo-ctrl</c> are known to operators.</param>
/// <param name="Image">For people; nothing is pulled.</param>
/// <param name="Command">The executable and its first arguments; a role is known by the file name of the first element.</param>
/// <param name="Args">Further arguments.</param>
/// <param name="Environment">In order; a later entry replaces an earlier one of the same name. Added to the supervisor's own.</param>
/// <param name="WorkingDirectory">Null means the pod's directory.</param>
/// <param name="LogFile">Gets what the container prints; bounded, with one older file beside it (<c>.1</c>).</param>
/// <param name="TerminationMessageFile">Read when the container ends; the local <c>/dev/termination-log</c>.</param>
/// <param name="Mounts">Where container paths are on this machine. The supervisor rewrites them in command, arguments and environment
/// (<see cref="MountPaths"/>).</param>
public sealed record ContainerManifest(
    string Name,
    string Image,
    ImmutableArray<string> Command,
    ImmutableArray<string> Args,
    ImmutableArray<EnvironmentEntry> Environment,
    string? WorkingDirectory,
    string LogFile,
    string? TerminationMessageFile,
    ImmutableArray<MountEntry> Mounts);

/// <summary>One environment variable.</summary>
public sealed record EnvironmentEntry(string Name, string Value);

/// <summary>A file or directory the container knows as <paramref name="MountPath"/>, and its place on this machine.</summary>
public sealed record MountEntry(string MountPath, string LocalPath);
