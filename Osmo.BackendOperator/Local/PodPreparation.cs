using System.Collections.Immutable;
using System.Text;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.LocalPods;

namespace Osmo.BackendOperator.Local;

/// <summary>A file to be there before the pod starts.</summary>
internal sealed record ProjectedFile(string Path, byte[] Content);

/// <summary>
/// A file mounted into another volume, such as one the user wants among the outputs. Without mounts it is copied there, but
/// not before the pod's init containers ran: they may take a volume that is not empty for their own finished work.
/// </summary>
internal sealed record FilePlacement(string Source, string Target)
{
    private const string ContainerName = "local-files";

    /// <summary>At most one container, which copies what is not there yet.</summary>
    public static IEnumerable<ContainerManifest> AsInitContainer(IReadOnlyList<FilePlacement> placements, PodPaths paths)
    {
        const string Script = """while [ $# -gt 0 ]; do mkdir -p "$(dirname "$2")" && { [ -e "$2" ] || cp -R "$1" "$2"; } || exit; shift 2; done""";
        if (placements.Count > 0)
        {
            yield return new ContainerManifest(
                ContainerName,
                "",
                ["/bin/sh", "-c", Script, "sh"],
                [.. placements.SelectMany(placement => (string[])[placement.Source, placement.Target])],
                [],
                paths.Directory,
                paths.LogOf(ContainerName),
                paths.TerminationMessageOf(ContainerName),
                []);
        }
    }
}

/// <summary>What it takes to start a pod, or why it cannot start now.</summary>
internal abstract record PodPreparation
{
    private PodPreparation()
    {
    }

    public sealed record Prepared(PodManifest Manifest, ImmutableArray<string> Directories, ImmutableArray<ProjectedFile> Files) : PodPreparation;

    /// <summary>A volume's Secret or ConfigMap is missing; it may still come.</summary>
    public sealed record WaitsForVolume(string Message) : PodPreparation;

    /// <summary>A reference of a container's environment is missing; it may still come.</summary>
    public sealed record WaitsForEnvironment(string Container, string Message) : PodPreparation;

    /// <summary>It asks for what this machine does not offer.</summary>
    public sealed record Impossible(string Container, string Message) : PodPreparation;

    /// <summary>Maps a pod onto this machine: volumes to directories, container paths to places in them. No I/O.</summary>
    public static PodPreparation Of(Pod pod, PodPaths paths, KeyedValues values)
    {
        var directories = ImmutableArray.CreateBuilder<string>();
        var files = ImmutableArray.CreateBuilder<ProjectedFile>();
        var placements = new List<FilePlacement>();
        var containers = new Dictionary<string, ContainerManifest>();
        foreach (var container in pod.Spec.InitContainers.Concat(pod.Spec.Containers))
        {
            ImmutableArray<MountEntry> mounts;
            try
            {
                mounts = Mount(pod, container, paths, values, directories, files, placements);
            }
            catch (MissingReferenceException e)
            {
                return new WaitsForVolume(e.Message);
            }
            catch (NotSupportedException e)
            {
                return new Impossible(container.Name, e.Message);
            }

            try
            {
                containers[container.Name] = ManifestOf(container, ContainerEnvironment.Of(pod, container, values), mounts, paths);
            }
            catch (MissingReferenceException e)
            {
                return new WaitsForEnvironment(container.Name, e.Message);
            }

            directories.Add(paths.WorkingDirectoryOf(container.Name));
        }

        directories.Add(paths.Home);
        directories.Add(Path.GetDirectoryName(paths.LogOf("any"))!);
        var manifest = new PodManifest(
            pod.Metadata.Name,
            pod.Metadata.Uid!,
            pod.Metadata.Namespace ?? "default",
            pod.Spec.NodeName!,
            [.. pod.Spec.InitContainers.Select(container => containers[container.Name]), .. FilePlacement.AsInitContainer(placements, paths)],
            [.. pod.Spec.Containers.Select(container => containers[container.Name])],
            (int)Math.Clamp(pod.Spec.TerminationGracePeriodSeconds ?? (long)ObjectStore.DefaultGracePeriod.TotalSeconds, 0, int.MaxValue));
        return new Prepared(manifest, directories.ToImmutable(), files.ToImmutable());
    }

    private static ContainerManifest ManifestOf(
        Container container,
        ImmutableArray<EnvironmentEntry> environment,
        ImmutableArray<MountEntry> mounts,
        PodPaths paths)
    {
        var known = new Dictionary<string, string>();
        foreach (var entry in environment)
        {
            known[entry.Name] = entry.Value;
        }

        var terminationMessage = paths.TerminationMessageOf(container.Name);
        return new ContainerManifest(
            container.Name,
            container.Image ?? "",
            [.. container.Command.Select(text => ContainerEnvironment.Expand(text, known))],
            [.. container.Args.Select(text => ContainerEnvironment.Expand(text, known))],
            environment,
            container.WorkingDir is { Length: > 0 } directory
                ? new MountPaths(mounts).Rewrite(directory)
                : paths.WorkingDirectoryOf(container.Name),
            paths.LogOf(container.Name),
            terminationMessage,
            [.. mounts, new MountEntry("/dev/termination-log", terminationMessage)]);
    }

    private static ImmutableArray<MountEntry> Mount(
        Pod pod,
        Container container,
        PodPaths paths,
        KeyedValues values,
        ImmutableArray<string>.Builder directories,
        ImmutableArray<ProjectedFile>.Builder files,
        List<FilePlacement> placements)
    {
        var sources = new Dictionary<string, string>();
        var projected = new List<ProjectedFile>();
        foreach (var name in container.VolumeMounts.Select(mount => mount.Name).Distinct())
        {
            var volume = pod.Spec.Volumes.FirstOrDefault(item => item.Name == name)
                ?? throw new NotSupportedException($"volumeMount names volume '{name}', which the pod does not have.");
            sources[name] = Source(volume, container, paths, values, directories, projected);
        }

        var mounts = ImmutableArray.CreateBuilder<MountEntry>();
        foreach (var mount in container.VolumeMounts)
        {
            var local = Below(sources[mount.Name], mount.SubPath);
            var isProjected = pod.Spec.Volumes.Any(
                volume => volume.Name == mount.Name && volume is { Secret: not null } or { ConfigMap: not null });
            var around = container.VolumeMounts.FirstOrDefault(
                other => other.Name != mount.Name
                    && mount.MountPath.StartsWith(other.MountPath.TrimEnd('/') + "/", StringComparison.Ordinal));
            if (around is null || !isProjected)
            {
                mounts.Add(new MountEntry(mount.MountPath, local));
            }
            else
            {
                var rest = mount.MountPath[(around.MountPath.TrimEnd('/').Length + 1)..];
                placements.Add(new FilePlacement(local, Below(Below(sources[around.Name], around.SubPath), rest)));
            }
        }

        var rewriter = new MountPaths(mounts);
        files.AddRange(projected.Select(file => file with { Content = RewriteText(file.Content, rewriter) }));
        return mounts.ToImmutable();
    }

    private static string Source(
        Volume volume,
        Container container,
        PodPaths paths,
        KeyedValues values,
        ImmutableArray<string>.Builder directories,
        List<ProjectedFile> files)
    {
        if (volume.HostPath is { } host)
        {
            return host.Path;
        }

        var (kind, name, items, isOptional) = volume switch
        {
            { Secret: { } secret } => (ObjectKind.Secret, secret.SecretName, secret.Items, secret.Optional),
            { ConfigMap: { } map } => (ObjectKind.ConfigMap, map.Name, map.Items, map.Optional),
            _ => (null, "", null, false),
        };
        if (kind is null)
        {
            var directory = paths.VolumeOf(volume.Name);
            directories.Add(directory);
            return volume.OtherSources?.Keys.FirstOrDefault(source => source != "emptyDir") is { } unknown
                ? throw new NotSupportedException(
                    $"volume '{volume.Name}' is a {unknown}; the local cluster has emptyDir, secret, configMap and hostPath.")
                : directory;
        }

        var place = paths.ProjectedVolumeOf(volume.Name, container.Name);
        directories.Add(place);
        var content = values.Files(kind, name, isOptional) ?? new Dictionary<string, byte[]>();
        foreach (var item in items ?? content.Keys.Select(key => new KeyToPath(key, key)))
        {
            files.Add(content.TryGetValue(item.Key, out var bytes)
                ? new ProjectedFile(Below(place, item.Path), bytes)
                : throw new MissingReferenceException($"references non-existent secret key: {item.Key}"));
        }

        return place;
    }

    private static string Below(string directory, string? subPath)
    {
        if (string.IsNullOrEmpty(subPath))
        {
            return directory;
        }

        return subPath.StartsWith('/') || subPath.Split('/').Contains("..")
            ? throw new NotSupportedException($"path '{subPath}' must be relative and without '..'.")
            : Path.Combine(directory, subPath);
    }

    /// <summary>Scripts and configuration name container paths too; what is no UTF-8 text stays as it is.</summary>
    private static byte[] RewriteText(byte[] content, MountPaths paths)
    {
        if (content.AsSpan().Contains((byte)0) || !System.Text.Unicode.Utf8.IsValid(content))
        {
            return content;
        }

        var text = Encoding.UTF8.GetString(content);
        var rewritten = paths.Rewrite(text);
        return ReferenceEquals(rewritten, text) ? content : Encoding.UTF8.GetBytes(rewritten);
    }
}
