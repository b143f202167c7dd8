using Osmo.Protocol.LocalPods;

namespace Osmo.BackendOperator.Local;

/// <summary>
/// Where a pod's files lie. Volumes are apart from the pod's directory so that one watch on <c>pods/</c> sees every status file
/// and nothing of what users write.
/// </summary>
internal sealed record PodPaths(string DataDirectory, string Uid)
{
    /// <summary><c>sun_path</c> without its terminator, on the system where it is shortest.</summary>
    public const int SocketPathBytesMax = 103;

    // 48 random bits: short, because of socket paths, and unique among the pods of one machine.
    private const int IdLength = 12;

    public static string PodsOf(string dataDirectory) => Path.Combine(dataDirectory, "pods");

    public static string VolumesOf(string dataDirectory) => Path.Combine(dataDirectory, "volumes");

    public string Id { get; } = Uid.Replace("-", "", StringComparison.Ordinal)[..IdLength];

    public string Directory => Path.Combine(PodsOf(DataDirectory), Id);

    public string Volumes => Path.Combine(VolumesOf(DataDirectory), Id);

    public string Manifest => Path.Combine(Directory, PodManifest.FileName);

    public string Status => Path.Combine(Directory, PodStatusFile.FileName);

    public string Lock => Path.Combine(Directory, PodManifest.LockFileName);

    /// <summary>Written by the supervisor's process before it becomes the supervisor.</summary>
    public string Pid => Path.Combine(Directory, "supervisor.pid");

    /// <summary>What the supervisor itself prints.</summary>
    public string SupervisorLog => Path.Combine(Directory, "supervisor.log");

    public string Home => Path.Combine(Volumes, ".home");

    public string VolumeOf(string volume) => Path.Combine(Volumes, volume);

    /// <summary>Secret and ConfigMap files are per container, since the paths they name are rewritten for each.</summary>
    public string ProjectedVolumeOf(string volume, string container) => Path.Combine(Volumes, volume, container);

    public string WorkingDirectoryOf(string container) => Path.Combine(Volumes, ".work", container);

    public string LogOf(string container) => Path.Combine(Directory, "logs", container + ".log");

    public string TerminationMessageOf(string container) => Path.Combine(Directory, "logs", container + ".termination");
}
