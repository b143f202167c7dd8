using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>Makes the scheduler's cluster-wide objects equal to the wanted ones (contract: backend-protocol §10.8).</summary>
internal sealed class QueueSynchronization(ICluster cluster)
{
    public async Task<JobResult> ExecuteAsync(BackendJob.SynchronizeQueues job, CancellationToken cancellation)
    {
        List<KubernetesObject> targets;
        try
        {
            targets = [.. job.Resources.Select(resource => KubernetesObject.From(resource))];
        }
        catch (JsonException e)
        {
            return JobResult.Fail(e.Message);
        }

        foreach (var spec in job.CleanupSpecs)
        {
            var kind = new ObjectKind(spec.Api!.ApiVersion, spec.Api.Kind);
            var isImmutable = job.ImmutableKinds is { IsDefault: false } kinds && kinds.Contains(kind.Kind);
            if (await SynchronizeAsync(kind, spec.Labels, [.. targets.Where(target => target.Kind == kind)], isImmutable, cancellation) is { } error)
            {
                return JobResult.Retry(error.Message);
            }
        }

        return JobResult.Success;
    }

    private async Task<ApiError?> SynchronizeAsync(
        ObjectKind kind,
        IReadOnlyDictionary<string, string> labels,
        List<KubernetesObject> targets,
        bool isImmutable,
        CancellationToken cancellation)
    {
        switch (await cluster.ListAsync(kind, null, labels, cancellation))
        {
            case ApiResult<ObjectList>.Failed { Error.Failure: ApiFailure.KindNotServed }:
                return null;
            case ApiResult<ObjectList>.Failed { Error: var error }:
                return error;
            case ApiResult<ObjectList>.Ok { Value.Items: var existing }:
                var byName = existing.ToDictionary(item => item.Metadata.Name);
                foreach (var target in targets)
                {
                    byName.Remove(target.Metadata.Name, out var current);
                    if (await BringAboutAsync(current, target, isImmutable, cancellation) is { } failure)
                    {
                        return failure;
                    }
                }

                foreach (var surplus in byName.Values)
                {
                    if (await cluster.DeleteAsync(surplus.Ref, DeleteOptions.Default, cancellation) is { Failure: not ApiFailure.NotFound } failure)
                    {
                        return failure;
                    }
                }

                return null;
            default:
                throw new InvalidOperationException("A result is a value or an error.");
        }
    }

    private async Task<ApiError?> BringAboutAsync(KubernetesObject? current, KubernetesObject target, bool isImmutable, CancellationToken cancellation)
    {
        if (current is null)
        {
            return ErrorOf(await cluster.CreateAsync(target, cancellation));
        }

        if (!isImmutable)
        {
            var document = target.ToJson();
            document["metadata"]!["resourceVersion"] = current.Metadata.ResourceVersion;
            return ErrorOf(await cluster.ReplaceAsync(KubernetesObject.From(document), cancellation));
        }

        if (IsAsWanted(current, target))
        {
            return null;
        }

        return await cluster.DeleteAsync(current.Ref, DeleteOptions.Default, cancellation) is { Failure: not ApiFailure.NotFound } error
            ? error
            : ErrorOf(await cluster.CreateAsync(target, cancellation));
    }

    private static bool IsAsWanted(KubernetesObject current, KubernetesObject target) =>
        JsonNode.DeepEquals(current.ToJson()["spec"], target.ToJson()["spec"])
        && target.Metadata.Labels.All(label => current.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static ApiError? ErrorOf(ApiResult<KubernetesObject> result) => (result as ApiResult<KubernetesObject>.Failed)?.Error;
}
