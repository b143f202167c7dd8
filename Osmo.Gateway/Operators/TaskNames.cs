using System.Collections.Concurrent;
using Osmo.Gateway.Workflows;
using Osmo.Storage.Queries;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Operators;

/// <summary>The attempt a pod belongs to.</summary>
internal sealed record PodOwner(string WorkflowUuid, string Task, int RetryId);

/// <summary>
/// Operators speak of task uuids and pod names, people of tasks. One per connection, whose backend's workflows it knows and no others; it remembers what never
/// changes.
/// </summary>
internal sealed class TaskNames(WorkflowReader workflows, IWorkflowQueries queries, string backend, TimeProvider time)
{
    /// <summary>Digits of each uuid in a pod's name.</summary>
    private const int PodNameUuidDigits = 16;

    /// <summary>Names remembered, and pods; then it starts afresh. More than a large backend has pods, or it would start afresh all the time.</summary>
    private const int RememberedMax = 50_000;

    /// <summary>
    /// How long a pod is taken for one of the attempt that was the newest: conditions tell of a retry at once, but its first events may
    /// come before them.
    /// </summary>
    private static readonly TimeSpan PodAgeMax = TimeSpan.FromSeconds(2);

    /// <summary>Tasks of workflows of this backend; what an operator pairs with another workflow is not among them.</summary>
    private readonly ConcurrentDictionary<(string WorkflowUuid, string TaskUuid), string> _byUuid = new();

    private readonly ConcurrentDictionary<string, KnownPod> _byPod = new(StringComparer.Ordinal);

    /// <summary>The pod of a task is now one of this attempt.</summary>
    public void SawAttempt(string workflowUuid, string taskUuid, int retryId)
    {
        if (workflowUuid.Length < PodNameUuidDigits || taskUuid.Length < PodNameUuidDigits)
        {
            return;
        }

        var pod = TaskDocument.PodName(workflowUuid, taskUuid);
        if (_byPod.TryGetValue(pod, out var known) && known.Owner is { } owner && owner.RetryId < retryId)
        {
            _byPod[pod] = new(owner with { RetryId = retryId }, time.GetTimestamp());
        }
    }

    /// <summary>The task's name; null when this backend has no such workflow, or the workflow no such task.</summary>
    public async ValueTask<string?> OfTask(string workflowUuid, string taskUuid, CancellationToken cancellation)
    {
        if (_byUuid.TryGetValue((workflowUuid, taskUuid), out var known))
        {
            return known;
        }

        if (await Read(workflowUuid, cancellation) is not { } found)
        {
            return null;
        }

        Remember(found);
        return found.Tasks.FirstOrDefault(task => task.Uuid == taskUuid)?.Name;
    }

    /// <summary>
    /// The newest attempt of the pod's task: a pod's name is the same for every attempt (contract: lifecycle §1). Null when the pod is none
    /// of ours.
    /// </summary>
    public async ValueTask<PodOwner?> OfPod(string podName, CancellationToken cancellation)
    {
        if (_byPod.TryGetValue(podName, out var known) && time.GetElapsedTime(known.ReadAt) < PodAgeMax)
        {
            return known.Owner;
        }

        var readAt = time.GetTimestamp();
        var owner = await Find(podName, cancellation);
        if (_byPod.Count >= RememberedMax)
        {
            _byPod.Clear();
        }

        _byPod[podName] = new(owner, readAt);
        return owner;
    }

    private async ValueTask<PodOwner?> Find(string podName, CancellationToken cancellation)
    {
        if (await queries.FindWorkflowOfPod(podName, cancellation) is not { } workflowUuid
            || await Read(workflowUuid, cancellation) is not { } found)
        {
            return null;
        }

        Remember(found);
        return found.Tasks.FirstOrDefault(task => TaskDocument.PodName(workflowUuid, task.Uuid) == podName) is { } task
            ? new(workflowUuid, task.Name, task.RetryId)
            : null;
    }

    /// <summary>Null when it is none of this backend's, or was named by its id: what operators say of a workflow goes by its uuid.</summary>
    private async ValueTask<WorkflowDocuments?> Read(string workflowUuid, CancellationToken cancellation) =>
        await workflows.Read(workflowUuid, WorkflowDepth.LatestAttempts, cancellation) is { } found
        && found.Head.Backend == backend
        && found.Head.WorkflowUuid == workflowUuid
            ? found
            : null;

    private void Remember(WorkflowDocuments found)
    {
        if (_byUuid.Count + found.Tasks.Length > RememberedMax)
        {
            _byUuid.Clear();
        }

        foreach (var task in found.Tasks)
        {
            _byUuid[(found.Head.WorkflowUuid, task.Uuid)] = task.Name;
        }
    }

    /// <param name="Owner">Null when the pod is none of ours.</param>
    /// <param name="ReadAt">Timestamp of the clock.</param>
    private sealed record KnownPod(PodOwner? Owner, long ReadAt);
}
