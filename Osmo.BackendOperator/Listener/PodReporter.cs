using System.Collections.Immutable;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;
using PodStatus = Osmo.Protocol.Backend.PodStatus;
using WireCondition = Osmo.Protocol.Backend.PodCondition;

namespace Osmo.BackendOperator.Listener;

/// <summary>Turns what happens to pods into reports (contract: backend-protocol §9.1).</summary>
internal sealed class PodReporter(BackendOperatorOptions options, ListenerStreams streams, NodeUsage usage, UsageReporter usageReports, TimeProvider time) : IDisposable
{
    private readonly AttemptReports _reports = new(options.ReportCacheTtl, time);
    private readonly Dictionary<string, (ObservedPod Pod, DateTimeOffset At)> _rechecks = [];
    private readonly SemaphoreSlim _turn = new(1);
    private readonly AsyncPulse _recheckChanged = new();
    private readonly TaskCompletionSource _podsKnown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<TaskPod> _listedTasks = [];
    private readonly HashSet<string> _listedUids = [];

    /// <summary>Completes once usage counts all pods.</summary>
    public Task PodsKnown => _podsKnown.Task;

    /// <param name="nodesKnown">Before it, usage is left out: it comes with the nodes.</param>
    public async Task RunAsync(Informer<ObservedPod> pods, Task nodesKnown, CancellationToken cancellation)
    {
        await foreach (var observation in pods.ObserveAsync(cancellation))
        {
            await _turn.WaitAsync(cancellation);
            try
            {
                await TakeAsync(observation, nodesKnown, cancellation);
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    /// <summary>Looks again at pods whose unchanged state becomes a failure with time.</summary>
    public async Task RunRechecksAsync(CancellationToken cancellation)
    {
        while (true)
        {
            TimeSpan patience;
            await _turn.WaitAsync(cancellation);
            try
            {
                patience = await RecheckAsync(cancellation);
            }
            finally
            {
                _turn.Release();
            }

            await _recheckChanged.WaitAsync(patience, time, cancellation);
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task TakeAsync(Observation<ObservedPod> observation, Task nodesKnown, CancellationToken cancellation)
    {
        switch (observation)
        {
            case Observation<ObservedPod>.ListStarted:
                usage.BeginList();
                _listedTasks.Clear();
                _listedUids.Clear();
                break;
            case Observation<ObservedPod>.Listed { Items: var pods }:
                foreach (var pod in pods)
                {
                    usage.Observe(pod);
                    await ReportAsync(pod, nodesKnown.IsCompleted, cancellation);
                    RememberListed(pod);
                }

                break;
            case Observation<ObservedPod>.ListCompleted:
                usage.EndList();
                _reports.Keep(_listedTasks);
                foreach (var uid in _rechecks.Keys.Where(uid => !_listedUids.Contains(uid)).ToList())
                {
                    _rechecks.Remove(uid);
                }

                _listedTasks.Clear();
                _listedUids.Clear();
                _podsKnown.TrySetResult();
                break;
            case Observation<ObservedPod>.Changed { Type: ChangeType.Deleted, Item: var gone }:
                usage.Observe(gone, isDeleted: true);
                await ReportAsync(gone, nodesKnown.IsCompleted, cancellation);
                Forget(gone);
                break;
            case Observation<ObservedPod>.Changed { Item: var pod }:
                usage.Observe(pod);
                await ReportAsync(pod, nodesKnown.IsCompleted, cancellation);
                break;
        }
    }

    private async Task ReportAsync(ObservedPod pod, bool tellsUsage, CancellationToken cancellation)
    {
        if (pod.Task is not { } task)
        {
            return;
        }

        if (tellsUsage && pod.Node is { } node)
        {
            usageReports.Changed(node);
        }

        var now = time.GetUtcNow();
        var evaluation = PodEvaluation.Of(pod.Name, pod.Status, now);
        RecheckAt(pod, evaluation?.RecheckAt);
        if (evaluation is null)
        {
            return;
        }

        if (evaluation.Status != PodStatus.Scheduling && pod.Status.Phase == PodPhase.Pending && _reports.IsStartNews(task))
        {
            await streams.Pod.EnqueueAsync(
                new BackendMessage.MonitorPod(task.WorkflowUuid, task.TaskUuid, task.RetryId, evaluation.Message), cancellation);
        }

        ImmutableArray<WireCondition> conditions = [.. pod.Status.Conditions.Select(condition => Wire(condition, now))];
        if (conditions.Length > 0 && _reports.IsNews(task, conditions)
            && !streams.Event.TryEnqueue(new BackendMessage.PodConditions(task.WorkflowUuid, task.TaskUuid, task.RetryId, conditions)))
        {
            // Statuses must not wait for another stream; the next change or list tells the conditions again.
            _reports.ForgetConditions(task);
        }

        if (_reports.IsNews(task, evaluation.Status))
        {
            await streams.Pod.EnqueueAsync(UpdateOf(pod, task, evaluation, conditions), cancellation);
        }
    }

    /// <returns>How long until there is something to look at again.</returns>
    private async Task<TimeSpan> RecheckAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        foreach (var pod in _rechecks.Values.Where(recheck => recheck.At <= now).Select(recheck => recheck.Pod).ToList())
        {
            await ReportAsync(pod, tellsUsage: false, cancellation);
        }

        return _rechecks.Count == 0 ? Timeout.InfiniteTimeSpan : Later(_rechecks.Values.Min(recheck => recheck.At) - now);
    }

    private static TimeSpan Later(TimeSpan pause) => pause > TimeSpan.Zero ? pause : TimeSpan.Zero;

    private BackendMessage.UpdatePod UpdateOf(ObservedPod pod, TaskPod task, PodEvaluation evaluation, ImmutableArray<WireCondition> conditions) => new(
        task.WorkflowUuid,
        task.TaskUuid,
        task.RetryId,
        pod.Container,
        pod.Node,
        pod.Status.PodIP,
        evaluation.Message,
        evaluation.Status,
        evaluation.ExitCode,
        options.Backend,
        conditions);

    private void RememberListed(ObservedPod pod)
    {
        _listedUids.Add(pod.Uid);
        if (pod.Task is { } task)
        {
            _listedTasks.Add(task);
        }
    }

    private void Forget(ObservedPod pod)
    {
        _rechecks.Remove(pod.Uid);
        if (pod.Task is { } task)
        {
            _reports.Forget(task);
        }
    }

    private void RecheckAt(ObservedPod pod, DateTimeOffset? recheckAt)
    {
        if (recheckAt is { } at)
        {
            _rechecks[pod.Uid] = (pod, at);
            _recheckChanged.Set();
        }
        else
        {
            _rechecks.Remove(pod.Uid);
        }
    }

    // A condition without transition time is legal; one without time cannot travel.
    private static WireCondition Wire(Kubernetes.PodCondition condition, DateTimeOffset now) =>
        new(condition.Reason, condition.Message, condition.LastTransitionTime ?? now, condition.Status, condition.Type);
}
