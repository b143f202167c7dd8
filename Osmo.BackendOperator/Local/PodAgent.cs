using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.LocalPods;
using PodPhase = Osmo.BackendOperator.Kubernetes.PodPhase;

namespace Osmo.BackendOperator.Local;

/// <summary>
/// Takes one pod that is bound to this node through its life: prepares its files, starts or adopts its supervisor, follows the
/// supervisor's status file, ends it on deletion, and cleans up. One asynchronous flow; the rest of the cluster only wakes it.
/// </summary>
internal sealed partial class PodAgent(
    ObjectStore store,
    EventRecorder events,
    LocalClusterOptions options,
    TimeProvider time,
    ILogger logger,
    ObjectRef reference,
    PodPaths paths)
{
    /// <summary>How soon a change is noticed when the notification of it was lost.</summary>
    private static readonly TimeSpan ReadAgainPeriod = TimeSpan.FromSeconds(2);

    /// <summary>A supervisor that wrote its last word goes within this time, or is helped.</summary>
    private static readonly TimeSpan SupervisorExitPatience = TimeSpan.FromSeconds(5);

    private readonly AsyncPulse _pulse = new();
    private volatile bool _isNodeStopping;
    private volatile bool _isWaitingForReferences;

    /// <summary>Whether a Secret or ConfigMap that appears may be what it waits for.</summary>
    public bool IsWaitingForReferences => _isWaitingForReferences;

    /// <summary>The pod's status file or its object changed, or what it waits for may have come.</summary>
    public void Wake() => _pulse.Set();

    /// <summary>Ends the pod as a machine does that shuts down.</summary>
    public void StopNode()
    {
        _isNodeStopping = true;
        Wake();
    }

    /// <summary>Returns when the pod's object is gone, or when its node has stopped and nothing of it runs.</summary>
    public async Task RunAsync(CancellationToken abandon)
    {
        if (Current() is { Status.IsFinal: false })
        {
            await LiveAsync(abandon);
        }

        while (Current() is { } pod && !_isNodeStopping)
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                store.Release(reference, paths.Uid);
            }

            if (Current() is not null)
            {
                await _pulse.WaitAsync(Timeout.InfiniteTimeSpan, time, abandon);
            }
        }

        if (Current() is null)
        {
            PodDirectory.Remove(paths);
        }
    }

    /// <summary>Ends a pod that this agent cannot take through its life; <see cref="RunAsync"/> then only waits for its deletion.</summary>
    public async Task FailAsync(string message, CancellationToken abandon)
    {
        if (Current() is not { Status.IsFinal: false })
        {
            return;
        }

        if (!await PodProcesses.KillAllAsync(paths, time, abandon))
        {
            LogUnkillable(logger, reference.Name);
        }

        if (Current() is { Status.IsFinal: false } pod)
        {
            Publish(pod, LocalPodStatus.Lost(pod, time.GetUtcNow(), message));
        }
    }

    /// <summary>From the node's assignment to the end of the last process and the final status.</summary>
    private async Task LiveAsync(CancellationToken abandon)
    {
        if (await StartAsync(abandon) is not { } supervisor)
        {
            return;
        }

        using (supervisor)
        {
            using (var following = CancellationTokenSource.CreateLinkedTokenSource(abandon))
            {
                _ = WakeAtExitAsync(supervisor, following.Token);
                await FollowAsync(supervisor, abandon);
                await following.CancelAsync();
            }

            if (!await PodProcesses.KillAllAsync(paths, time, abandon))
            {
                LogUnkillable(logger, reference.Name);
            }

            PublishFinal();
        }
    }

    /// <returns>Null when the pod is to end before anything ran.</returns>
    private async Task<Supervisor?> StartAsync(CancellationToken abandon)
    {
        if (Supervisor.WasStarted(paths))
        {
            return Supervisor.Adopt(paths);
        }

        while (Current() is { Metadata.DeletionTimestamp: null } pod && !_isNodeStopping)
        {
            _isWaitingForReferences = true;
            var values = new KeyedValues((kind, name) => store.Find(new ObjectRef(kind, pod.Metadata.Namespace, name)));
            switch (PodPreparation.Of(pod, paths, values))
            {
                case PodPreparation.Prepared prepared:
                    try
                    {
                        _isWaitingForReferences = false;
                        return Launch(pod, prepared);
                    }
                    catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
                    {
                        LogCannotStart(logger, e, reference.Name);
                        CannotStart(pod, pod.Spec.Containers[0].Name, "CreateContainerError", e.Message);
                    }

                    break;
                case PodPreparation.WaitsForVolume waits:
                    Stuck(pod, null, "FailedMount", $"MountVolume.SetUp failed: {waits.Message}");
                    break;
                case PodPreparation.WaitsForEnvironment waits:
                    CannotStart(pod, waits.Container, "CreateContainerConfigError", waits.Message);
                    break;
                case PodPreparation.Impossible impossible:
                    CannotStart(pod, impossible.Container, "CreateContainerError", impossible.Message);
                    break;
            }

            await _pulse.WaitAsync(Timeout.InfiniteTimeSpan, time, abandon);
        }

        // A pod of which nothing ran when its node stops starts with the node's next start.
        if (Current() is { Metadata.DeletionTimestamp: not null } ended)
        {
            Publish(ended, LocalPodStatus.Lost(ended, time.GetUtcNow()));
        }

        return null;
    }

    private Supervisor Launch(Pod pod, PodPreparation.Prepared prepared)
    {
        Publish(pod, LocalPodStatus.Starting(pod, time.GetUtcNow()));
        PodDirectory.Create(paths, prepared);
        return Supervisor.Start(paths, options.SupervisorCommand);
    }

    private void CannotStart(Pod pod, string container, string reason, string message) =>
        Stuck(pod, (container, new ContainerWaiting(reason, message)), "Failed", $"Error: {message}");

    private void Stuck(Pod pod, (string Container, ContainerWaiting Waiting)? container, string reason, string message)
    {
        if (Publish(pod, LocalPodStatus.Starting(pod, time.GetUtcNow(), container)) || container is null)
        {
            events.Warning(pod.Metadata, reason, message);
        }
    }

    private async Task WakeAtExitAsync(Supervisor supervisor, CancellationToken abandon)
    {
        try
        {
            await supervisor.WaitForExitAsync(abandon);
            Wake();
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for it any longer.
        }
    }

    /// <summary>Returns when the supervisor is gone or must be made to go.</summary>
    private async Task FollowAsync(Supervisor supervisor, CancellationToken abandon)
    {
        DateTimeOffset? terminatingSince = null;
        DateTimeOffset? finalSince = null;
        while (!supervisor.IsGone() && Current() is { } pod)
        {
            var now = time.GetUtcNow();
            if (ReadStatus() is { } file)
            {
                var status = LocalPodStatus.Following(pod, file, now);
                if (status.IsFinal)
                {
                    finalSince ??= now;
                }

                // A node that stops says so in one final report, not after the pod looked as if it had failed by itself.
                if (!(status.IsFinal && _isNodeStopping))
                {
                    PublishWithEvents(pod, status);
                }
            }

            if (GracePeriod(pod) is { } grace)
            {
                if (terminatingSince is null)
                {
                    terminatingSince = now;
                    AnnounceKilling(pod);
                    PodProcesses.SignalSupervisor(paths, PodProcesses.SigTerm);
                }

                if (now - terminatingSince >= grace)
                {
                    return;
                }

                await _pulse.WaitAsync(Shorter(grace - (now - terminatingSince.Value), ReadAgainPeriod), time, abandon);
                continue;
            }

            if (now - finalSince >= SupervisorExitPatience)
            {
                return;
            }

            await _pulse.WaitAsync(ReadAgainPeriod, time, abandon);
        }
    }

    private TimeSpan? GracePeriod(Pod pod)
    {
        TimeSpan? own = pod.Metadata.DeletionTimestamp is null ? null : TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 0);
        return !_isNodeStopping ? own
            : own is { } grace ? Shorter(grace, options.StopGracePeriod)
            : options.StopGracePeriod;
    }

    private void PublishFinal()
    {
        if (Current() is not { Status.IsFinal: false } pod)
        {
            return;
        }

        var now = time.GetUtcNow();
        var status = ReadStatus() is { } file ? LocalPodStatus.Following(pod, file, now) : pod.Status;
        status = status.IsFinal ? status : LocalPodStatus.Lost(pod with { Status = status }, now, SupervisorsLastLine());
        if (_isNodeStopping && status.Phase == PodPhase.Failed && pod.Metadata.DeletionTimestamp is null)
        {
            status = LocalPodStatus.Disrupted(status, now);
        }

        PublishWithEvents(pod, status);
    }

    /// <summary>What a supervisor that could not start had to say.</summary>
    private string? SupervisorsLastLine()
    {
        using var reader = new StreamReader(LogTail.Open(paths.SupervisorLog, lines: 1));
        return reader.ReadToEnd().Trim() is { Length: > 0 } line ? $"The pod's supervisor ended: {line}" : null;
    }

    private PodStatusFile? ReadStatus()
    {
        try
        {
            return PodStatusFile.Load(paths.Status);
        }
        catch (IOException)
        {
            return null;
        }
        catch (InvalidDataException e)
        {
            LogBadStatus(logger, reference.Name, e.Message);
            return null;
        }
    }

    private void PublishWithEvents(Pod pod, PodStatus status)
    {
        foreach (var container in status.InitThenMain.Where(HasStarted))
        {
            if (!pod.Status.InitThenMain.Any(old => old.Name == container.Name && HasStarted(old)))
            {
                events.Normal(pod.Metadata, "Created", $"Created container: {container.Name}");
                events.Normal(pod.Metadata, "Started", $"Started container {container.Name}");
            }
        }

        Publish(pod, status);
    }

    private static bool HasStarted(ContainerStatus container) =>
        container.State is { Running: not null } or { Terminated.StartedAt: not null };

    private void AnnounceKilling(Pod pod)
    {
        foreach (var container in pod.Status.ContainerStatuses.Where(container => container.State.Running is not null))
        {
            events.Normal(pod.Metadata, "Killing", $"Stopping container {container.Name}");
        }
    }

    /// <returns>Whether that was news.</returns>
    private bool Publish(Pod pod, PodStatus status)
    {
        var document = JsonSerializer.SerializeToNode(status, KubernetesJson.Default.PodStatus)!;
        if (JsonNode.DeepEquals(document, JsonSerializer.SerializeToNode(pod.Status, KubernetesJson.Default.PodStatus)))
        {
            return false;
        }

        store.Update(reference, item => item["status"] = document);
        return true;
    }

    private Pod? Current() => store.Find(reference) is { } found && found.Metadata.Uid == paths.Uid ? found.AsPod() : null;

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    [LoggerMessage(1, LogLevel.Error, "Pod {Pod}: some of its processes cannot be killed")]
    private static partial void LogUnkillable(ILogger logger, string pod);

    [LoggerMessage(2, LogLevel.Error, "Pod {Pod} cannot be started")]
    private static partial void LogCannotStart(ILogger logger, Exception exception, string pod);

    [LoggerMessage(3, LogLevel.Warning, "Pod {Pod}: {Error}")]
    private static partial void LogBadStatus(ILogger logger, string pod, string error);
}
