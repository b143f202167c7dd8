using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;
using PodStatus = Osmo.Protocol.Backend.PodStatus;
using WireCondition = Osmo.Protocol.Backend.PodCondition;

namespace Osmo.BackendOperator.Listener;

/// <summary>Turns what happens to pods into reports (contract: backend-protocol §9.1).</summary>
internal sealed partial class PodReporter(
    BackendOperatorOptions options,
    ListenerStreams streams,
    NodeUsage usage,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private readonly RecentReports<(string Workflow, string Task, int Retry, PodStatus Status)> _updates = new(options.ReportCacheTtl, time);
    private readonly RecentReports<(string Task, int Retry)> _monitored = new(options.ReportCacheTtl, time);
    private readonly RecentReports<(string Task, int Retry)> _conditions = new(options.ReportCacheTtl, time);
    private readonly Dictionary<string, (Pod Pod, DateTimeOffset At)> _rechecks = [];
    private readonly SemaphoreSlim _turn = new(1);
    private readonly AsyncPulse _recheckChanged = new();
    private readonly TaskCompletionSource _podsKnown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes once usage counts all pods.</summary>
    public Task PodsKnown => _podsKnown.Task;

    /// <param name="nodesKnown">Reports wait for it, so that usage never comes before its node.</param>
    public async Task RunAsync(Informer pods, Task nodesKnown, CancellationToken cancellation)
    {
        await foreach (var observation in pods.ObserveAsync(cancellation))
        {
            switch (observation)
            {
                case Observation.Listed listed:
                    var all = listed.Items.Select(TryRead).OfType<Pod>().ToList();
                    usage.Reset(all);
                    _podsKnown.TrySetResult();
                    await nodesKnown.WaitAsync(cancellation);
                    await InTurnAsync(_rechecks.Clear, cancellation);
                    foreach (var pod in all)
                    {
                        await ReportInTurnAsync(pod, cancellation);
                    }

                    break;
                case Observation.Changed { Object: var changed, Type: var type } when TryRead(changed) is { } pod:
                    usage.Observe(pod, type == ChangeType.Deleted);
                    await ReportInTurnAsync(pod, cancellation);
                    if (type == ChangeType.Deleted)
                    {
                        await InTurnAsync(() => _rechecks.Remove(pod.Metadata.Uid ?? ""), cancellation);
                    }

                    break;
            }
        }
    }

    /// <summary>Looks again at pods whose unchanged state becomes a failure with time.</summary>
    public async Task RunRechecksAsync(CancellationToken cancellation)
    {
        while (true)
        {
            List<Pod> due;
            TimeSpan patience;
            await _turn.WaitAsync(cancellation);
            try
            {
                var now = time.GetUtcNow();
                due = [.. _rechecks.Values.Where(recheck => recheck.At <= now).Select(recheck => recheck.Pod)];
                patience = _rechecks.Count == 0 ? Timeout.InfiniteTimeSpan : _rechecks.Values.Min(recheck => recheck.At) - now;
            }
            finally
            {
                _turn.Release();
            }

            foreach (var pod in due)
            {
                await ReportInTurnAsync(pod, cancellation);
            }

            if (due.Count == 0)
            {
                await _recheckChanged.WaitAsync(patience, time, cancellation);
            }
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task InTurnAsync(Action action, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            action();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReportInTurnAsync(Pod pod, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await ReportAsync(pod, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task ReportAsync(Pod pod, CancellationToken cancellation)
    {
        if (TaskPod.Of(pod, options.Namespace) is not { } task)
        {
            return;
        }

        if (pod.Spec.NodeName is { } node)
        {
            await streams.Node.EnqueueAsync(usage.Of(node), cancellation, latestOf: node);
        }

        var evaluation = PodEvaluation.Of(pod, time.GetUtcNow());
        Remember(pod, evaluation?.RecheckAt);
        if (evaluation is null)
        {
            return;
        }

        if (evaluation.Status != PodStatus.Scheduling && pod.Status.Phase == PodPhase.Pending && _monitored.IsNews((task.TaskUuid, task.RetryId)))
        {
            await streams.Pod.EnqueueAsync(
                new BackendMessage.MonitorPod(task.WorkflowUuid, task.TaskUuid, task.RetryId, evaluation.Message), cancellation);
        }

        ImmutableArray<WireCondition> conditions = [.. pod.Status.Conditions.Select(condition => Wire(condition, time.GetUtcNow()))];
        if (conditions.Length > 0
            && _conditions.IsNews((task.TaskUuid, task.RetryId), string.Join('\n', conditions.Select(condition => condition.ToString()))))
        {
            await streams.Event.EnqueueAsync(
                new BackendMessage.PodConditions(task.WorkflowUuid, task.TaskUuid, task.RetryId, conditions), cancellation);
        }

        if (_updates.IsNews((task.WorkflowUuid, task.TaskUuid, task.RetryId, evaluation.Status)))
        {
            await streams.Pod.EnqueueAsync(UpdateOf(pod, task, evaluation, conditions), cancellation);
        }
    }

    private BackendMessage.UpdatePod UpdateOf(Pod pod, TaskPod task, PodEvaluation evaluation, ImmutableArray<WireCondition> conditions) => new(
        task.WorkflowUuid,
        task.TaskUuid,
        task.RetryId,
        pod.Spec.Containers.Count > 0 ? pod.Spec.Containers[0].Name : "",
        pod.Spec.NodeName,
        pod.Status.PodIP,
        evaluation.Message,
        evaluation.Status,
        evaluation.ExitCode,
        options.Backend,
        conditions);

    private void Remember(Pod pod, DateTimeOffset? recheckAt)
    {
        var uid = pod.Metadata.Uid ?? "";
        if (recheckAt is { } at)
        {
            _rechecks[uid] = (pod, at);
            _recheckChanged.Set();
        }
        else
        {
            _rechecks.Remove(uid);
        }
    }

    private Pod? TryRead(KubernetesObject item)
    {
        try
        {
            return item.AsPod();
        }
        catch (JsonException e)
        {
            LogUnreadable(logger, item.Metadata.Name, e.Message);
            return null;
        }
    }

    // A condition without transition time is legal; one without time cannot travel.
    private static WireCondition Wire(Kubernetes.PodCondition condition, DateTimeOffset now) =>
        new(condition.Reason, condition.Message, condition.LastTransitionTime ?? now, condition.Status, condition.Type);

    [LoggerMessage(1, LogLevel.Error, "Pod {Pod} cannot be read and is left out: {Error}")]
    private static partial void LogUnreadable(ILogger logger, string pod, string error);
}

/// <summary>The identity of the attempt a pod belongs to, from its labels.</summary>
internal sealed record TaskPod(string WorkflowUuid, string TaskUuid, int RetryId)
{
    /// <returns>Null for a pod that is none of ours.</returns>
    public static TaskPod? Of(Pod pod, string workflowNamespace)
    {
        var labels = pod.Metadata.Labels;
        return pod.Metadata.Namespace == workflowNamespace
            && labels.TryGetValue("osmo.task_uuid", out var task)
            && labels.TryGetValue("osmo.workflow_uuid", out var workflow)
                ? new TaskPod(workflow, task, int.TryParse(labels.GetValueOrDefault("osmo.retry_id"), out var retry) ? retry : 0)
                : null;
    }
}
