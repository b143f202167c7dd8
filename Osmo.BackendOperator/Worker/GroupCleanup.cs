using System.Collections.Concurrent;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>Collects the logs of failed pods, then deletes a group's objects (contract: backend-protocol §10.5).</summary>
internal sealed class GroupCleanup(ICluster cluster, string workflowNamespace)
{
    private const string Finalizer = "osmo.nvidia.com/cleanup";

    private readonly ErrorLogs _errorLogs = new(cluster, workflowNamespace);

    public async Task<JobResult> ExecuteAsync(BackendJob.CleanupGroup job, JobOutput output, CancellationToken cancellation)
    {
        if (job.ErrorLogSpec is { } logs)
        {
            await _errorLogs.CollectAsync(logs, job.MaxLogLines, output, cancellation);
        }

        ApiError? toRetry = null;
        foreach (var spec in job.CleanupSpecs)
        {
            var kind = new ObjectKind(spec.Api!.ApiVersion, spec.Api.Kind);
            var listed = await cluster.ListAsync(kind, workflowNamespace, spec.Labels, cancellation);
            if (listed is ApiResult<ObjectList>.Failed { Error: var error })
            {
                if (error.Failure == ApiFailure.KindNotServed)
                {
                    return JobResult.Fail(error.Message);
                }

                toRetry = error;
                continue;
            }

            var objects = ((ApiResult<ObjectList>.Ok)listed).Value.Items;
            if (kind == ObjectKind.Pod)
            {
                await TellAsync($"Deleting pods: {Names(objects)}", job, output, cancellation);
            }

            foreach (var failure in await DeleteAllAsync(objects, job.ForceDelete, cancellation))
            {
                if (!failure.IsTransient)
                {
                    return JobResult.Fail(failure.Message);
                }

                toRetry = failure;
            }

            if (kind == ObjectKind.Pod)
            {
                await TellAsync($"Deleted pods: {Names(objects)}", job, output, cancellation);
            }
        }

        return toRetry is { } retry ? JobResult.Retry(retry.Message) : JobResult.Success;
    }

    private async Task<IReadOnlyCollection<ApiError>> DeleteAllAsync(
        IReadOnlyCollection<KubernetesObject> objects,
        bool isForced,
        CancellationToken cancellation)
    {
        var errors = new ConcurrentQueue<ApiError>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = JobLimits.RequestsMax, CancellationToken = cancellation };
        await Parallel.ForEachAsync(objects, parallel, async (item, token) =>
        {
            if (await DeleteAsync(item.Ref, isForced ? DeleteOptions.Force : DeleteOptions.Default, token) is { Failure: not ApiFailure.NotFound } error)
            {
                errors.Enqueue(error);
            }
        });
        return errors;
    }

    private async Task<ApiError?> DeleteAsync(ObjectRef target, DeleteOptions options, CancellationToken cancellation) =>
        (target.Kind == ObjectKind.Pod ? await cluster.RemoveFinalizerAsync(target, Finalizer, cancellation) : null)
        ?? await cluster.DeleteAsync(target, options, cancellation);

    private static Task TellAsync(string text, BackendJob.CleanupGroup job, JobOutput output, CancellationToken cancellation) =>
        output(new BackendMessage.Logging(LoggingLevel.Info, text, job.WorkflowUuid), cancellation);

    private static string Names(IEnumerable<KubernetesObject> objects) => string.Join(", ", objects.Select(item => item.Metadata.Name));
}
