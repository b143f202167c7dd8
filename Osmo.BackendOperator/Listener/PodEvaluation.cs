using Osmo.BackendOperator.Kubernetes;
using PodStatus = Osmo.Protocol.Backend.PodStatus;

namespace Osmo.BackendOperator.Listener;

/// <summary>What a pod's state means for its task.</summary>
/// <param name="RecheckAt">When the same state will mean something else.</param>
internal sealed record PodEvaluation(PodStatus Status, string Message = "", int? ExitCode = null, DateTimeOffset? RecheckAt = null)
{
    private const int BackendError = 3001;
    private const int StartError = 3003;
    private const int Evicted = 3004;
    private const int Preempted = 3006;
    private const int Unknown = 4000;

    public static readonly TimeSpan ConfigErrorPatience = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan StatusUnknownPatience = TimeSpan.FromMinutes(30);

    /// <summary>The status algorithm (contract: backend-protocol §9.2); null when the pod says nothing (phase Unknown).</summary>
    public static PodEvaluation? Of(string pod, Kubernetes.PodStatus status, DateTimeOffset now)
    {
        if (status.Conditions.FirstOrDefault(condition => condition is { IsTrue: true, Reason: "PreemptionByScheduler" }) is { } preemption)
        {
            return new PodEvaluation(PodStatus.FailedPreempted, $"Pod was preempted at {preemption.LastTransitionTime:yyyy-MM-dd HH:mm:sszzz}. ", Preempted);
        }

        return ByPhase(pod, status) is { } byPhase ? Override(WaitingError(status, now) ?? byPhase, status) : null;
    }

    private static PodEvaluation? ByPhase(string pod, Kubernetes.PodStatus status) => status.Phase switch
    {
        PodPhase.Pending when status.InitContainerStatuses.Any(
            container => container.State.Waiting?.Reason is "ContainerCreating" or "PodInitializing") => new PodEvaluation(PodStatus.Initializing),
        PodPhase.Pending => new PodEvaluation(PodStatus.Scheduling),
        PodPhase.Running => WhileRunning(status),
        PodPhase.Succeeded => new PodEvaluation(PodStatus.Completed, ExitCode: 0),
        PodPhase.Failed => Failed(pod, status),
        _ => null,
    };

    // A user container that failed alone leaves the pod running: the control container still uploads.
    private static PodEvaluation WhileRunning(Kubernetes.PodStatus status)
    {
        var isOver = status.InitThenMain.Any(
            container => container.State.Terminated is { } end && (container.Name == ContainerRole.ControlContainer || end.Reason == "StartError"));
        return isOver && ContainerFailures.Of(status) is { } failures
            ? new PodEvaluation(PodStatus.Failed, failures.Message, failures.ExitCode)
            : new PodEvaluation(PodStatus.Running);
    }

    private static PodEvaluation Failed(string pod, Kubernetes.PodStatus status)
    {
        var failures = ContainerFailures.Of(status);
        var prefix = status.Message is { Length: > 0 } message ? $"Pod {pod} error message: {message}\n" : "";
        var text = prefix + failures?.Message;
        return failures is { IsOutOfMemory: true }
            ? new PodEvaluation(PodStatus.FailedEvicted, text, Evicted)
            : new PodEvaluation(PodStatus.Failed, text, failures?.ExitCode ?? Unknown);
    }

    private static PodEvaluation? WaitingError(Kubernetes.PodStatus status, DateTimeOffset now)
    {
        var stuck = status.ContainerStatuses.Concat(status.InitContainerStatuses).FirstOrDefault(
            container => container.State.Waiting?.Reason is { } reason && IsError(reason));
        if (stuck is null)
        {
            return null;
        }

        var waiting = stuck.State.Waiting!;
        var role = ContainerRole.Of(stuck.Name);
        return waiting.Reason switch
        {
            "ImagePullBackOff" => Fail(PodStatus.FailedImagePull, 301 + role.Offset),
            "ErrImagePull" => Fail(PodStatus.FailedImagePull, 302 + role.Offset),
            "CrashLoopBackOff" => Fail(PodStatus.Failed, 304 + role.Offset),
            "CreateContainerConfigError" => FailAfter(ConfigErrorPatience),
            "ContainerStatusUnknown" => FailAfter(StatusUnknownPatience),
            _ => Fail(PodStatus.Failed, 999 + role.Offset),
        };

        PodEvaluation Fail(PodStatus end, int exitCode) =>
            new(end, $"Failure reason: Exit code {exitCode} due to {role.Name} failed with {waiting.Reason}: {waiting.Message}.", exitCode);

        PodEvaluation FailAfter(TimeSpan patience)
        {
            var unready = status.Conditions.FirstOrDefault(condition => condition is { Type: "Ready", Status: "False" })?.LastTransitionTime;
            return now - unready > patience
                ? Fail(PodStatus.FailedBackendError, BackendError)
                : new PodEvaluation(
                    PodStatus.Scheduling,
                    $"{role.Name} waits with {waiting.Reason}: {waiting.Message}.",
                    RecheckAt: unready + patience + TimeSpan.FromSeconds(1));
        }
    }

    private static PodEvaluation Override(PodEvaluation evaluation, Kubernetes.PodStatus status) => status.Reason switch
    {
        "Evicted" => evaluation with { Status = PodStatus.FailedEvicted, ExitCode = Evicted },
        "StartError" => evaluation with { Status = PodStatus.FailedStartError, ExitCode = StartError },
        "UnexpectedAdmissionError" => evaluation with { Status = PodStatus.FailedBackendError, ExitCode = BackendError },
        _ when status.Conditions.Any(condition => condition is { Type: "DisruptionTarget", IsTrue: true }) =>
            evaluation with { Status = PodStatus.FailedBackendError, ExitCode = BackendError },
        _ => evaluation,
    };

    private static bool IsError(string waitingReason) =>
        waitingReason is "ErrImagePull" or "ContainerStatusUnknown"
        || waitingReason.Contains("Failed", StringComparison.Ordinal)
        || waitingReason.Contains("BackOff", StringComparison.Ordinal)
        || waitingReason.Contains("Error", StringComparison.Ordinal);
}
