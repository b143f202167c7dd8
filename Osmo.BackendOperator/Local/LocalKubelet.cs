using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>
/// The node agent and scheduler of the local cluster: binds waiting pods, oldest first, as far as their requests fit, and runs a
/// <see cref="PodAgent"/> for each bound one.
/// </summary>
internal sealed partial class LocalKubelet : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Everything = [];

    private static readonly TimeSpan RetryPauseFirst = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryPauseMax = TimeSpan.FromMinutes(1);

    private readonly ObjectStore _store;
    private readonly EventRecorder _events;
    private readonly LocalClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LocalScheduler _scheduler;
    private readonly Dictionary<string, (PodAgent Agent, Task Run)> _agents = [];
    private readonly ConcurrentDictionary<string, PodAgent> _agentByDirectory = [];
    private readonly CancellationTokenSource _abandon = new();
    private readonly Lock _lock = new();
    private bool _isStopping;
    private Task _watching = Task.CompletedTask;
    private FileSystemWatcher? _statusFiles;

    public LocalKubelet(ObjectStore store, LocalClusterOptions options, TimeProvider time, ILogger logger)
    {
        _store = store;
        _options = options;
        _time = time;
        _logger = logger;
        _events = new EventRecorder(store, time);
        _scheduler = new LocalScheduler(store, _events, options, time);
    }

    /// <summary>Adopts what runs, removes what is left over, and starts to serve.</summary>
    public void Start()
    {
        OwnersDirectory.Create(PodPaths.PodsOf(_options.DataDirectory));
        OwnersDirectory.Create(PodPaths.VolumesOf(_options.DataDirectory));
        LocalNode.Register(_store, _options, _time.GetUtcNow());
        _statusFiles = WatchStatusFiles();
        var pods = _store.List(ObjectKind.Pod, null, Everything);
        foreach (var pod in pods.Items)
        {
            Observe(pod);
        }

        RemoveOrphans([.. pods.Items.Select(pod => new PodPaths(_options.DataDirectory, pod.Metadata.Uid!).Id)]);
        Schedule();
        _watching = Task.WhenAll(
            WatchAsync(ObjectKind.Pod, pods.ResourceVersion, PodsListed, PodChanged),
            WatchReferencesAsync(ObjectKind.Secret, pods.ResourceVersion),
            WatchReferencesAsync(ObjectKind.ConfigMap, pods.ResourceVersion),
            WatchReferencesAsync(ObjectKind.Node, pods.ResourceVersion));
    }

    /// <summary>Ends all pods as a machine that shuts down.</summary>
    public async Task StopAsync()
    {
        List<Task> runs = [];
        lock (_lock)
        {
            _isStopping = true;
            foreach (var (agent, run) in _agents.Values)
            {
                agent.StopNode();
                runs.Add(run);
            }
        }

        await Task.WhenAll(runs);
    }

    /// <summary>Lets go of everything; pods that run go on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_abandon.IsCancellationRequested)
        {
            return;
        }

        await _abandon.CancelAsync();
        _statusFiles?.Dispose();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task[] runs;
        lock (_lock)
        {
            runs = [.. _agents.Values.Select(item => item.Run)];
        }

        await Task.WhenAll(runs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _abandon.Dispose();
    }

    private void PodsListed(ObjectList pods)
    {
        ForgetOthers([.. pods.Items.Select(pod => pod.Metadata.Uid!)]);
        foreach (var pod in pods.Items)
        {
            Observe(pod);
        }

        Schedule();
    }

    private void PodChanged(WatchEvent.Changed change)
    {
        if (change.Type == ChangeType.Deleted)
        {
            Forget(change.Object.Metadata.Uid!);
        }
        else
        {
            Observe(change.Object);
        }

        Schedule();
    }

    /// <summary>Pods that wait for a Secret or ConfigMap, or for a label of the node, get another chance when one appears.</summary>
    private Task WatchReferencesAsync(ObjectKind kind, string resourceVersion) => WatchAsync(
        kind,
        resourceVersion,
        _ => ReferencesChanged(kind),
        change =>
        {
            if (change.Type != ChangeType.Deleted)
            {
                ReferencesChanged(kind);
            }
        });

    /// <summary>Watches until the cluster is let go of; lists anew when the watch lost its place or a change could not be handled.</summary>
    private async Task WatchAsync(ObjectKind kind, string? resourceVersion, Action<ObjectList> listed, Action<WatchEvent.Changed> changed)
    {
        try
        {
            while (true)
            {
                try
                {
                    if (resourceVersion is null)
                    {
                        var list = _store.List(kind, null, Everything);
                        listed(list);
                        resourceVersion = list.ResourceVersion;
                    }

                    await foreach (var change in _store.WatchAsync(kind, null, resourceVersion, _abandon.Token))
                    {
                        if (change is WatchEvent.Changed known)
                        {
                            changed(known);
                        }
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // Such as a full disk. The list that follows tells again whatever was not handled.
                    LogChangeNotHandled(_logger, e, kind.Kind, RetryPauseFirst);
                    await Task.Delay(RetryPauseFirst, _time, _abandon.Token);
                }

                resourceVersion = null;
            }
        }
        catch (Exception e) when (!_abandon.IsCancellationRequested)
        {
            LogWatchEnded(_logger, e, kind.Kind);
            throw;
        }
    }

    private void ReferencesChanged(ObjectKind kind)
    {
        lock (_lock)
        {
            foreach (var (agent, _) in _agents.Values.Where(item => item.Agent.IsWaitingForReferences))
            {
                agent.Wake();
            }

            if (kind == ObjectKind.Node)
            {
                _scheduler.NodeChanged();
            }
        }

        Schedule();
    }

    private void Observe(KubernetesObject item)
    {
        var uid = item.Metadata.Uid!;
        lock (_lock)
        {
            if (_agents.TryGetValue(uid, out var known))
            {
                if (item.AsPod().Status.IsFinal)
                {
                    _scheduler.Forget(uid);
                }

                known.Agent.Wake();
                return;
            }

            var pod = item.AsPod();
            if (pod.Spec.NodeName is not null)
            {
                StartAgent(pod);
            }
            else if (pod.Metadata.DeletionTimestamp is not null)
            {
                _scheduler.Forget(uid);
                _store.Release(item.Ref, uid);
            }
            else
            {
                _scheduler.Add(pod);
            }
        }
    }

    private void Forget(string uid)
    {
        lock (_lock)
        {
            _scheduler.Forget(uid);
            if (_agents.Remove(uid, out var known))
            {
                known.Agent.Wake();
            }
        }
    }

    private void ForgetOthers(HashSet<string> uids)
    {
        lock (_lock)
        {
            foreach (var gone in _agents.Keys.Concat(_scheduler.Uids).Where(uid => !uids.Contains(uid)).ToList())
            {
                Forget(gone);
            }
        }
    }

    private void Schedule()
    {
        lock (_lock)
        {
            if (!_isStopping)
            {
                foreach (var bound in _scheduler.BindWhatFits())
                {
                    StartAgent(bound);
                }
            }
        }
    }

    private void StartAgent(Pod pod)
    {
        var uid = pod.Metadata.Uid!;
        if (!pod.Status.IsFinal)
        {
            _scheduler.Take(pod);
        }

        var paths = new PodPaths(_options.DataDirectory, uid);
        var agent = new PodAgent(_store, _events, _options, _time, _logger, pod.Ref, paths);
        _agentByDirectory[paths.Id] = agent;
        _agents[uid] = (agent, Task.Run(() => RunAgentAsync(agent, paths, pod.Metadata.Name)));
    }

    private async Task RunAgentAsync(PodAgent agent, PodPaths paths, string name)
    {
        var pause = RetryPauseFirst;
        string? failure = null;
        while (true)
        {
            try
            {
                if (failure is not null)
                {
                    await agent.FailAsync(failure, _abandon.Token);
                }

                await agent.RunAsync(_abandon.Token);
                break;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Such as a full disk. The agent adopts what it left, so it may simply start over.
                LogAgentFailed(_logger, e, name);
            }
            catch (Exception e) when (!_abandon.IsCancellationRequested)
            {
                // Not the disk, so it would happen again: this pod is over, the others go on.
                LogPodFails(_logger, e, name);
                failure = $"The node cannot run this pod: {e.Message}";
            }

            await Task.Delay(pause, _time, _abandon.Token);
            pause = pause * 2 < RetryPauseMax ? pause * 2 : RetryPauseMax;
        }

        _agentByDirectory.TryRemove(paths.Id, out _);
    }

    private void RemoveOrphans(HashSet<string> known)
    {
        foreach (var parent in (ReadOnlySpan<string>)[PodPaths.PodsOf(_options.DataDirectory), PodPaths.VolumesOf(_options.DataDirectory)])
        {
            foreach (var orphan in Directory.EnumerateDirectories(parent).Where(path => !known.Contains(Path.GetFileName(path))))
            {
                LogOrphan(_logger, orphan);
                try
                {
                    PodDirectory.Remove(orphan);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    LogOrphanStays(_logger, e, orphan);
                }
            }
        }
    }

    private FileSystemWatcher WatchStatusFiles()
    {
        var watcher = new FileSystemWatcher(PodPaths.PodsOf(_options.DataDirectory), Protocol.LocalPods.PodStatusFile.FileName)
        {
            IncludeSubdirectories = true,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName,
        };
        void Wake(object sender, FileSystemEventArgs change)
        {
            if (change.Name is { } name && _agentByDirectory.TryGetValue(Path.GetDirectoryName(name) ?? "", out var agent))
            {
                agent.Wake();
            }
        }

        watcher.Renamed += Wake;
        watcher.Created += Wake;
        watcher.EnableRaisingEvents = true;
        return watcher;
    }
}
