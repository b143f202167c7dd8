using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.LocalPods;
using ContainerState = Osmo.BackendOperator.Kubernetes.ContainerState;
using PodPhase = Osmo.BackendOperator.Kubernetes.PodPhase;

namespace Osmo.BackendOperator.Local;

/// <summary>A pod's status in Kubernetes' words, from what its supervisor wrote. Pure.</summary>
internal static class LocalPodStatus
{
    private const string PodInitializing = "PodInitializing";

    private const string NodeShutdown = "Pod was terminated in response to imminent node shutdown.";

    private static readonly (string Type, string Status, string? Reason, string? Message) Scheduled = ("PodScheduled", "True", null, null);

    /// <summary>Not bound to the node yet.</summary>
    public static PodStatus Unschedulable(PodStatus previous, string message, DateTimeOffset now) =>
        previous with { Phase = PodPhase.Pending, Conditions = Conditions(previous, now, ("PodScheduled", "False", "Unschedulable", message)) };

    /// <summary>Bound, nothing runs; <paramref name="stuck"/> is a container that cannot start and why.</summary>
    public static PodStatus Starting(Pod pod, DateTimeOffset now, (string Container, ContainerWaiting Waiting)? stuck = null)
    {
        ContainerStatus Waiting(Container container) => new(
            container.Name,
            new ContainerState(stuck is { } it && it.Container == container.Name ? it.Waiting : new ContainerWaiting(PodInitializing)),
            Image: container.Image ?? "",
            ImageID: "");
        return Bound(pod.Status, now) with
        {
            Phase = PodPhase.Pending,
            Conditions = Conditions(pod.Status, now, [Scheduled, .. Unready("ContainersNotInitialized", isInitialized: false)]),
            InitContainerStatuses = [.. pod.Spec.InitContainers.Select(Waiting)],
            ContainerStatuses = [.. pod.Spec.Containers.Select(Waiting)],
        };
    }

    /// <summary>As the supervisor last wrote it.</summary>
    public static PodStatus Following(Pod pod, PodStatusFile file, DateTimeOffset now)
    {
        var main = Containers(pod.Spec.Containers, file.Containers);
        var isInitialized = file.InitContainers.All(
            container => container is { State: Osmo.Protocol.LocalPods.ContainerState.Terminated, ExitCode: 0 });
        var readiness = file.Phase switch
        {
            Osmo.Protocol.LocalPods.PodPhase.Succeeded => Unready("PodCompleted", isInitialized),
            Osmo.Protocol.LocalPods.PodPhase.Failed => Unready("PodFailed", isInitialized),
            _ when !isInitialized => Unready("ContainersNotInitialized", isInitialized),
            _ when main.All(container => container.Ready) =>
                [("Initialized", "True", null, null), ("Ready", "True", null, null), ("ContainersReady", "True", null, null)],
            _ => Unready("ContainersNotReady", isInitialized),
        };
        return Bound(pod.Status, now) with
        {
            Phase = file.Phase switch
            {
                Osmo.Protocol.LocalPods.PodPhase.Pending => PodPhase.Pending,
                Osmo.Protocol.LocalPods.PodPhase.Running => PodPhase.Running,
                Osmo.Protocol.LocalPods.PodPhase.Succeeded => PodPhase.Succeeded,
                _ => PodPhase.Failed,
            },
            StartTime = file.StartTime,
            Conditions = Conditions(pod.Status, now, [Scheduled, .. readiness]),
            InitContainerStatuses = Containers(pod.Spec.InitContainers, file.InitContainers),
            ContainerStatuses = main,
        };
    }

    /// <summary>No supervisor is left and none said how it ended: whatever was not over was killed.</summary>
    public static PodStatus Lost(Pod pod, DateTimeOffset now, string? message = null)
    {
        ContainerStatus Ended(ContainerStatus status) => status.State.Terminated is not null
            ? status
            : status with
            {
                Ready = false,
                Started = false,
                State = new ContainerState(Terminated: new ContainerTerminated(
                    ExitCode: 137,
                    Reason: "ContainerStatusUnknown",
                    Message: "The container could not be located when the pod was terminated",
                    StartedAt: status.State.Running?.StartedAt,
                    FinishedAt: now)),
            };
        var current = pod.Status.ContainerStatuses.Count > 0 ? pod.Status : Starting(pod, now);
        return current with
        {
            Phase = PodPhase.Failed,
            Message = message,
            Conditions = Conditions(pod.Status, now, [Scheduled, .. Unready("PodFailed", isInitialized: true)]),
            InitContainerStatuses = [.. current.InitContainerStatuses.Select(Ended)],
            ContainerStatuses = [.. current.ContainerStatuses.Select(Ended)],
        };
    }

    /// <summary>The machine is shutting down: the pod failed through no fault of its own, which operators report as a backend error.</summary>
    public static PodStatus Disrupted(PodStatus status, DateTimeOffset now) => status with
    {
        Phase = PodPhase.Failed,
        Reason = "Terminated",
        Message = NodeShutdown,
        Conditions =
        [
            .. status.Conditions,
            new PodCondition("DisruptionTarget", "True", now, "TerminationByKubelet", NodeShutdown),
        ],
    };

    private static PodStatus Bound(PodStatus previous, DateTimeOffset now) =>
        new(HostIP: LocalNode.Address, PodIP: LocalNode.Address, StartTime: previous.StartTime ?? now);

    private static (string, string, string?, string?)[] Unready(string reason, bool isInitialized) =>
    [
        isInitialized ? ("Initialized", "True", null, null) : ("Initialized", "False", reason, null),
        ("Ready", "False", reason, null),
        ("ContainersReady", "False", reason, null),
    ];

    private static IReadOnlyList<PodCondition> Conditions(
        PodStatus previous,
        DateTimeOffset now,
        params (string Type, string Status, string? Reason, string? Message)[] conditions) =>
    [
        .. conditions.Select(condition => new PodCondition(
            condition.Type,
            condition.Status,
            previous.Conditions.FirstOrDefault(old => old.Type == condition.Type && old.Status == condition.Status)?.LastTransitionTime ?? now,
            condition.Reason,
            condition.Message)),
    ];

    private static List<ContainerStatus> Containers(IReadOnlyList<Container> containers, IReadOnlyCollection<ContainerStatusEntry> entries) =>
    [
        .. containers.Select(container =>
        {
            var entry = entries.FirstOrDefault(entry => entry.Name == container.Name);
            var isRunning = entry?.State == Osmo.Protocol.LocalPods.ContainerState.Running;
            return new ContainerStatus(
                container.Name,
                entry is null ? new ContainerState(new ContainerWaiting(PodInitializing)) : StateOf(entry),
                Ready: isRunning,
                Started: isRunning,
                Image: container.Image ?? "",
                ImageID: "",
                ContainerID: entry?.Pid is { } pid ? $"local://{pid}" : null);
        }),
    ];

    private static ContainerState StateOf(ContainerStatusEntry entry) => entry.State switch
    {
        Osmo.Protocol.LocalPods.ContainerState.Running => new ContainerState(Running: new ContainerRunning(entry.StartedAt)),
        Osmo.Protocol.LocalPods.ContainerState.Terminated => new ContainerState(Terminated: new ContainerTerminated(
            entry.ExitCode ?? 137, entry.Reason, entry.Message, entry.Signal, entry.StartedAt, entry.FinishedAt)),
        _ => new ContainerState(new ContainerWaiting(entry.Reason ?? PodInitializing, entry.Message)),
    };
}
