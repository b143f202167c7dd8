using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Worker;

/// <summary>
/// Makes the backend's tests equal to the wanted ones: of each a ConfigMap and a CronJob in the namespace of tests (contract: backend-protocol
/// §14). What is as wanted stays: a test that runs is not torn down because the operator connected again.
/// </summary>
/// <param name="runner">Null where no tests are run; then there is nothing to do.</param>
internal sealed class TestSynchronization(ICluster cluster, string backend, TestRunnerOptions? runner)
{
    private const string ContentAnnotation = "osmo.nvidia.com/content";

    private static readonly ObjectKind CronJob = new("batch/v1", "CronJob");

    public async Task<JobResult> ExecuteAsync(BackendJob.SynchronizeBackendTest job, CancellationToken cancellation)
    {
        if (runner is null)
        {
            return JobResult.Success;
        }

        List<KubernetesObject> wanted;
        try
        {
            var template = await File.ReadAllTextAsync(runner.TemplateFile, cancellation);
            wanted = [.. job.TestConfigs.SelectMany(test => Objects(test.Key, test.Value, template, job.NodeConditionPrefix ?? ""))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JobResult.Retry($"The template of test runners cannot be read: {e.Message}");
        }
        catch (JsonException e)
        {
            return JobResult.Fail(e.Message);
        }

        return await BringAboutAsync(wanted, job.NodeConditionPrefix ?? "", runner.Namespace, cancellation) is { } error
            ? JobResult.Retry(error.Message)
            : JobResult.Success;
    }

    /// <summary>CronJobs go before their ConfigMaps, and come after them.</summary>
    private async Task<ApiError?> BringAboutAsync(List<KubernetesObject> wanted, string prefix, string @namespace, CancellationToken cancellation)
    {
        var there = new List<KubernetesObject>();
        foreach (var (kind, component) in ((ObjectKind, string)[])[(CronJob, Component(CronJob)), (ObjectKind.ConfigMap, Component(ObjectKind.ConfigMap))])
        {
            var labels = new Dictionary<string, string> { [prefix + "component"] = component, [prefix + "backend"] = backend };
            switch (await cluster.ListAsync(kind, @namespace, labels, cancellation))
            {
                case ApiResult<ObjectList>.Ok { Value.Items: var items }:
                    there.AddRange(items);
                    break;
                case ApiResult<ObjectList>.Failed { Error: var error }:
                    return error;
            }
        }

        var byRef = wanted.ToDictionary(item => item.Ref);
        var kept = there.Where(item => byRef.TryGetValue(item.Ref, out var target) && ContentOf(item) == ContentOf(target)).Select(item => item.Ref).ToHashSet();
        foreach (var stale in there.Where(item => !kept.Contains(item.Ref)))
        {
            if (await cluster.DeleteAsync(stale.Ref, DeleteOptions.Default, cancellation) is { Failure: not ApiFailure.NotFound } error)
            {
                return error;
            }
        }

        foreach (var missing in wanted.Where(item => !kept.Contains(item.Ref)).OrderBy(item => item.Kind == CronJob))
        {
            if (await cluster.CreateAsync(missing, cancellation) is ApiResult<KubernetesObject>.Failed { Error: var error })
            {
                return error;
            }
        }

        return null;
    }

    private IEnumerable<KubernetesObject> Objects(string test, JsonNode? config, string template, string prefix)
    {
        var resource = test.ToLowerInvariant();
        var schedule = config?["cron_schedule"] is JsonValue value && value.TryGetValue<string>(out var text)
            ? text
            : throw new JsonException($"Test {test} has no cron_schedule.");
        var configMap = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["data"] = new JsonObject { ["test_config.json"] = config.ToJsonString() },
        };
        var cronJob = TestTemplate.Render(template, new Dictionary<string, string>
        {
            ["backend_name"] = backend,
            ["test_name"] = test,
            ["resource_name"] = resource,
            ["configmap_name"] = $"{resource}-config",
            ["cron_schedule"] = schedule,
            ["node_condition_prefix"] = prefix,
        });
        yield return Marked(configMap, $"{resource}-config", ObjectKind.ConfigMap, test, prefix);
        yield return Marked(cronJob, resource, CronJob, test, prefix);
    }

    /// <summary>With what finds it again, and what tells whether it is still what is wanted.</summary>
    private KubernetesObject Marked(JsonObject document, string name, ObjectKind kind, string test, string prefix)
    {
        var metadata = document["metadata"] as JsonObject ?? (JsonObject)(document["metadata"] = new JsonObject());
        var labels = metadata["labels"] as JsonObject ?? (JsonObject)(metadata["labels"] = new JsonObject());
        var annotations = metadata["annotations"] as JsonObject ?? (JsonObject)(metadata["annotations"] = new JsonObject());
        (metadata["name"], metadata["namespace"]) = (name, runner!.Namespace);
        (labels[prefix + "component"], labels[prefix + "backend"], labels[prefix + "test"]) = (Component(kind), backend, test);
        annotations[ContentAnnotation] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document.ToJsonString())));
        return KubernetesObject.From(document) is { } marked && marked.Kind == kind
            ? marked
            : throw new JsonException($"The template of test runners is a {document["kind"]}; it must be a {kind}.");
    }

    private static string Component(ObjectKind kind) => kind == CronJob ? "backend-test" : "backend-test-config";

    private static string? ContentOf(KubernetesObject item) => item.Metadata.Annotations.GetValueOrDefault(ContentAnnotation);
}
