using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>
/// Replaces a task's pod by the next attempt's (contract: backend-protocol §10.6). Both have the same name, so the old one must
/// be gone first.
/// </summary>
internal sealed class TaskReschedule(ICluster cluster, string workflowNamespace, GroupCreation creation, GroupCleanup cleanup, TimeProvider time)
{
    internal const int RoundsMax = 5;

    /// <summary>How long a round waits for the old pod to go.</summary>
    internal static readonly TimeSpan RoundPatience = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LookAgainPause = TimeSpan.FromMilliseconds(100);

    private const string RetryLabel = "osmo.retry_id";

    public async Task<JobResult> ExecuteAsync(BackendJob.RescheduleTask job, JobOutput output, CancellationToken cancellation)
    {
        var cleanupJob = job.CleanupJob;
        for (var round = 0; round < RoundsMax; round++)
        {
            var cleaned = await cleanup.ExecuteAsync(cleanupJob, output, cancellation);
            if (cleaned.Outcome != JobOutcome.Success)
            {
                return cleaned;
            }

            await WaitUntilGoneAsync(cleanupJob, cancellation);
            var created = await creation.ExecuteAsync(job.CreateJob, cancellation);
            if (created is not { Outcome: JobOutcome.Success, Message: GroupCreation.AlreadyExists } || await IsNewPodThereAsync(job, cancellation))
            {
                return created;
            }

            cleanupJob = cleanupJob with { ForceDelete = true };
        }

        return JobResult.Retry($"The pod of the attempt before {job.RetryId} is still there after {RoundsMax} rounds.");
    }

    private async Task WaitUntilGoneAsync(BackendJob.CleanupGroup job, CancellationToken cancellation)
    {
        var deadline = time.GetUtcNow() + RoundPatience;
        while (time.GetUtcNow() < deadline && await AnyPodAsync(job, cancellation))
        {
            await Task.Delay(LookAgainPause, time, cancellation);
        }
    }

    private async Task<bool> AnyPodAsync(BackendJob.CleanupGroup job, CancellationToken cancellation)
    {
        foreach (var spec in job.CleanupSpecs.Where(spec => spec.Api?.Kind == ObjectKind.Pod.Kind))
        {
            if (await PodsAsync(spec.Labels, cancellation) is { Count: > 0 })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Secrets of the task exist already, so only the pod tells whether the new attempt was created.</summary>
    private async Task<bool> IsNewPodThereAsync(BackendJob.RescheduleTask job, CancellationToken cancellation)
    {
        foreach (var spec in job.CleanupJob.CleanupSpecs.Where(spec => spec.Api?.Kind == ObjectKind.Pod.Kind))
        {
            var pods = await PodsAsync(spec.Labels.Remove(RetryLabel), cancellation);
            if (pods.Any(pod => int.TryParse(pod.Metadata.Labels.GetValueOrDefault(RetryLabel), out var retry) && retry >= job.RetryId))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<IReadOnlyList<KubernetesObject>> PodsAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) =>
        await cluster.ListAsync(ObjectKind.Pod, workflowNamespace, labels, cancellation) is ApiResult<ObjectList>.Ok { Value.Items: var items }
            ? items
            : [];
}
