using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>
/// Creates a group's objects (contract: backend-protocol §10.4): in the order given, where neighbours of one kind do not depend
/// on each other and are created side by side.
/// </summary>
internal sealed class GroupCreation(ICluster cluster, string workflowNamespace)
{
    /// <summary>Message of a success that found some object already there.</summary>
    public const string AlreadyExists = "AlreadyExists";

    public async Task<JobResult> ExecuteAsync(BackendJob.CreateGroup job, CancellationToken cancellation)
    {
        List<KubernetesObject> objects;
        try
        {
            objects = [.. job.Resources.Select(InNamespace)];
        }
        catch (JsonException e)
        {
            return JobResult.Fail($"Group {job.GroupName}: {e.Message}");
        }

        var hasFound = false;
        for (var start = 0; start < objects.Count;)
        {
            var end = start + 1;
            while (end < objects.Count && objects[end].Kind == objects[start].Kind)
            {
                end++;
            }

            var errors = await CreateAllAsync(objects[start..end], cancellation);
            if (errors.Find(error => error.Failure != ApiFailure.AlreadyExists) is { } failure)
            {
                return JobResult.Of(failure);
            }

            hasFound |= errors.Count > 0;
            start = end;
        }

        return hasFound ? JobResult.Success with { Message = AlreadyExists } : JobResult.Success;
    }

    /// <returns>Errors in the order of the objects.</returns>
    private async Task<List<ApiError>> CreateAllAsync(List<KubernetesObject> objects, CancellationToken cancellation)
    {
        var results = new ApiResult<KubernetesObject>[objects.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = JobLimits.RequestsMax, CancellationToken = cancellation };
        await Parallel.ForAsync(0, objects.Count, parallel, async (i, token) => results[i] = await cluster.CreateAsync(objects[i], token));
        return [.. results.OfType<ApiResult<KubernetesObject>.Failed>().Select(failed => failed.Error)];
    }

    private KubernetesObject InNamespace(JsonObject resource)
    {
        var document = resource.DeepClone().AsObject();
        if (document["metadata"] is not JsonObject metadata)
        {
            throw new JsonException($"An object of kind {document["kind"]} has no metadata.");
        }

        metadata["namespace"] = workflowNamespace;
        return KubernetesObject.From(document);
    }
}
