using Osmo.Protocol.LocalPods;

namespace Osmo.Runtime.Pods;

/// <summary>The pod's status as it changes, in memory and in its file.</summary>
internal sealed class PodStatusWriter
{
    private readonly string _path;
    private readonly Lock _gate = new();
    private PodStatusFile _status;

    public PodStatusWriter(string directory, PodManifest manifest, DateTimeOffset startTime)
    {
        _path = Path.Combine(directory, PodStatusFile.FileName);
        _status = new PodStatusFile(
            PodPhase.Pending,
            startTime,
            [.. manifest.InitContainers.Select(Waiting)],
            [.. manifest.Containers.Select(Waiting)]);
        _status.Save(_path);
    }

    public PodStatusFile Current
    {
        get
        {
            lock (_gate)
                return _status;
        }
    }

    public void SetPhase(PodPhase phase) => Update(status => status with { Phase = phase });

    public void Set(ContainerStatusEntry entry) => Update(status => status with
    {
        InitContainers = [.. status.InitContainers.Select(old => old.Name == entry.Name ? entry : old)],
        Containers = [.. status.Containers.Select(old => old.Name == entry.Name ? entry : old)],
    });

    private static ContainerStatusEntry Waiting(ContainerManifest container) =>
        new(container.Name, ContainerState.Waiting, "PodInitializing");

    private void Update(Func<PodStatusFile, PodStatusFile> change)
    {
        lock (_gate)
        {
            _status = change(_status);
            _status.Save(_path);
        }
    }
}
