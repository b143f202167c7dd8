using System.Collections.Immutable;
using System.Text;

namespace Osmo.BackendOperator.Local;

/// <summary>A cluster of one node, this machine, whose pods are process trees.</summary>
public sealed record LocalClusterOptions
{
    /// <summary>Below it lie <c>cluster/</c> (objects), <c>pods/</c> (one directory per pod) and <c>volumes/</c>.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The pod supervisor; the pod's directory is appended. Example: <c>dotnet Osmo.Runtime.dll pod</c>.</summary>
    public required ImmutableArray<string> SupervisorCommand { get; init; }

    /// <summary>Name and host name of the node; default is the machine's name.</summary>
    public string NodeName { get; init; } = Environment.MachineName.ToLowerInvariant();

    /// <summary>
    /// Allocatable CPUs, memory and disk are this many times what the machine has. Requests are made for clusters and are
    /// mostly far above what a task uses: every task pod asks one CPU and 1 GiB for a control container that needs next to nothing.
    /// </summary>
    public double Overcommit { get; init; } = 4;

    /// <summary>Allocatable CPUs are at least this many, so that a laptop runs a group of 20 one-CPU tasks.</summary>
    public int CpusMin { get; init; } = 64;

    /// <summary>Allocatable <c>nvidia.com/gpu</c>. Nothing isolates them.</summary>
    public int Gpus { get; init; }

    /// <summary>Pods that run at the same time; Kubernetes' default for a node.</summary>
    public int PodsMax { get; init; } = 110;

    /// <summary>From SIGTERM to SIGKILL when the cluster is stopped.</summary>
    public TimeSpan StopGracePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <exception cref="ArgumentException">Names the setting, its value and what is allowed.</exception>
    public void Validate()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new ArgumentException("The local cluster runs pods as POSIX processes; on Windows use WSL or a Kubernetes backend.");
        }

        // A task's control socket lies below its volume. Linux reaches it by any path; elsewhere a socket's path is short.
        var socket = new PodPaths(Path.GetFullPath(DataDirectory), Guid.Empty.ToString()).VolumeOf("osmo-data") + "/socket/data.sock";
        var surplus = Encoding.UTF8.GetByteCount(socket) - PodPaths.SocketPathBytesMax;
        Check(OperatingSystem.IsLinux() || surplus <= 0, nameof(DataDirectory), DataDirectory, $"a path that is {surplus} bytes shorter");
        Check(SupervisorCommand is { IsDefaultOrEmpty: false }, nameof(SupervisorCommand), "(empty)", "an executable with its arguments");
        Check(NodeName.Length > 0, nameof(NodeName), "(empty)", "a host name");
        Check(Overcommit is >= 1 and <= 1000, nameof(Overcommit), Overcommit, "1 to 1000");
        Check(CpusMin is >= 0 and <= 100_000, nameof(CpusMin), CpusMin, "0 to 100000");
        Check(Gpus is >= 0 and <= 1024, nameof(Gpus), Gpus, "0 to 1024");
        Check(PodsMax is >= 1 and <= 10_000, nameof(PodsMax), PodsMax, "1 to 10000");
        var isShort = StopGracePeriod >= TimeSpan.Zero && StopGracePeriod <= TimeSpan.FromSeconds(5);
        Check(isShort, nameof(StopGracePeriod), StopGracePeriod, "0 to 5 s");
    }

    private static void Check(bool isAllowed, string setting, object value, string allowed)
    {
        if (!isAllowed)
        {
            throw new ArgumentException($"{setting} is {value}; allowed is {allowed}.");
        }
    }
}
