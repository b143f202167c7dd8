using System.Collections.Concurrent;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Leftovers;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>Collects the logs of failed pods, then deletes a group's objects (contract: backend-protocol §10.5).</summary>
internal sealed class GroupCleanup(ICluster cluster, string workflowNamespace, GroupKinds kinds, TimeProvider time)
{
    private const string Finalizer = "osmo.nvidia.com/cleanup";

    private readonly ErrorLogs _errorLogs = new(cluster, workflowNamespace, time);

    public async Task<JobResult> ExecuteAsync(BackendJob.CleanupGroup job, JobOutput output, CancellationToken cancellation)
    {
        if (job.ErrorLogSpec is { } logs)
        {
            await _errorLogs.CollectAsync(logs, job.MaxLogLines, output, cancellation);
        }

        // One kind or object that is refused must not keep the others, least of all the pods, running.
        var failures = new List<JobResult>();
        foreach (var spec in job.CleanupSpecs)
        {
            failures.AddRange(await CleanUpAsync(spec, job, output, cancellation));
        }

        // What may yet succeed comes first: without a retry it would stay behind.
        return failures.Find(failure => failure.Outcome == JobOutcome.FailedRetry)
            ?? failures.FirstOrDefault()
            ?? JobResult.Success;
    }

    /// <returns>What failed; the rest is done.</returns>
    private async Task<IReadOnlyCollection<JobResult>> CleanUpAsync(
        ObjectSpec spec,
        BackendJob.CleanupGroup job,
        JobOutput output,
        CancellationToken cancellation)
    {
        var kind = new ObjectKind(spec.Api!.ApiVersion, spec.Api.Kind);
        var listed = await cluster.ListAsync(kind, workflowNamespace, spec.Labels, cancellation);
        if (listed is ApiResult<ObjectList>.Failed { Error: var error })
        {
            return [error.Failure == ApiFailure.KindNotServed ? JobResult.Fail(error.Message) : JobResult.Retry(error.Message)];
        }

        kinds.Saw(kind);
        var objects = ((ApiResult<ObjectList>.Ok)listed).Value.Items;
        if (kind != ObjectKind.Pod)
        {
            return await DeleteAllAsync(objects, job.ForceDelete, cancellation);
        }

        await TellAsync($"Deleting pods: {Names(objects)}", job, output, cancellation);
        var failures = await DeleteAllAsync(objects, job.ForceDelete, cancellation);
        await TellAsync($"Deleted pods: {Names(objects)}", job, output, cancellation);
        return failures;
    }

    private async Task<IReadOnlyCollection<JobResult>> DeleteAllAsync(
        IReadOnlyCollection<KubernetesObject> objects,
        bool isForced,
        CancellationToken cancellation)
    {
        var failures = new ConcurrentQueue<JobResult>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = JobLimits.RequestsMax, CancellationToken = cancellation };
        await Parallel.ForEachAsync(objects, parallel, async (item, token) =>
        {
            if (await DeleteAsync(item.Ref, isForced ? DeleteOptions.Force : DeleteOptions.Default, token) is { Failure: not ApiFailure.NotFound } error)
            {
                failures.Enqueue(JobResult.Of(error));
            }
        });
        return failures;
    }

    /// <summary>Deletes also what keeps its finalizer: a pod that stays as an object at least ends.</summary>
    private async Task<ApiError?> DeleteAsync(ObjectRef target, DeleteOptions options, CancellationToken cancellation)
    {
        var held = target.Kind == ObjectKind.Pod ? await cluster.RemoveFinalizerAsync(target, Finalizer, cancellation) : null;
        return held is { Failure: ApiFailure.NotFound } ? held : await cluster.DeleteAsync(target, options, cancellation) ?? held;
    }

    private static Task TellAsync(string text, BackendJob.CleanupGroup job, JobOutput output, CancellationToken cancellation) =>
        output(new BackendMessage.Logging(LoggingLevel.Info, text, job.WorkflowUuid), cancellation);

    private static string Names(IEnumerable<KubernetesObject> objects) => string.Join(", ", objects.Select(item => item.Metadata.Name));
}
