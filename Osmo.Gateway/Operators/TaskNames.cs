using System.Collections.Concurrent;
using Osmo.Gateway.Workflows;
using Osmo.Storage.Queries;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Operators;

/// <summary>The attempt a pod belongs to.</summary>
internal sealed record PodOwner(string WorkflowUuid, string Task, int RetryId);

/// <summary>Operators speak of task uuids and pod names, people of tasks. One per connection; it remembers what never changes.</summary>
internal sealed class TaskNames(WorkflowReader workflows, IWorkflowQueries queries)
{
    /// <summary>Names remembered; then it starts afresh.</summary>
    private const int RememberedMax = 10_000;

    private readonly ConcurrentDictionary<string, string> _byUuid = new(StringComparer.Ordinal);

    /// <summary>The task's name; null when there is no such task.</summary>
    public async ValueTask<string?> OfTask(string workflowUuid, string taskUuid, CancellationToken cancellation)
    {
        if (_byUuid.TryGetValue(taskUuid, out var known))
        {
            return known;
        }

        if (await workflows.Read(workflowUuid, WorkflowDepth.LatestAttempts, cancellation) is not { } found)
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
        if (await queries.FindWorkflowOfPod(podName, cancellation) is not { } workflowUuid
            || await workflows.Read(workflowUuid, WorkflowDepth.LatestAttempts, cancellation) is not { } found)
        {
            return null;
        }

        Remember(found);
        return found.Tasks.FirstOrDefault(task => TaskDocument.PodName(workflowUuid, task.Uuid) == podName) is { } task
            ? new(workflowUuid, task.Name, task.RetryId)
            : null;
    }

    private void Remember(WorkflowDocuments found)
    {
        if (_byUuid.Count + found.Tasks.Length > RememberedMax)
        {
            _byUuid.Clear();
        }

        foreach (var task in found.Tasks)
        {
            _byUuid[task.Uuid] = task.Name;
        }
    }
}
