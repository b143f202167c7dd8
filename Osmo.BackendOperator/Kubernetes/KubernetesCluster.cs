using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes.Access;
using Osmo.BackendOperator.Kubernetes.Api;

namespace Osmo.BackendOperator.Kubernetes;

/// <summary>A real cluster, by its API server. Documents travel as they are; kinds are found by discovery.</summary>
public sealed class KubernetesCluster : ICluster, IDisposable
{
    /// <summary>Of one container; a log of one endless line must not fill the memory.</summary>
    internal const int LogBytesMax = 10 << 20;

    /// <summary>The server ends a watch after this.</summary>
    private static readonly TimeSpan WatchLength = TimeSpan.FromMinutes(5);

    private readonly ApiClient _client;
    private readonly ApiClientOptions _options;
    private readonly ResourceDiscovery _discovery;
    private readonly TimeProvider _time;

    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public KubernetesCluster(ClusterAccess access, ApiClientOptions options, TimeProvider time)
        : this(access, options, time, null)
    {
    }

    internal KubernetesCluster(ClusterAccess access, ApiClientOptions options, TimeProvider time, OperatorMetrics? metrics)
    {
        options.Validate();
        (_options, _time) = (options, time);
        _client = new ApiClient(access, options, time, metrics);
        _discovery = new ResourceDiscovery(_client);
    }

    public async Task<ApiResult<string>> GetClusterUidAsync(CancellationToken cancellation) =>
        await SendForObjectAsync(ObjectKind.Namespace, path => new ApiRequest(HttpMethod.Get, path.Object(null, "kube-system")), cancellation) switch
        {
            ApiResult<KubernetesObject>.Ok { Value.Metadata.Uid: { } uid } => uid,
            ApiResult<KubernetesObject>.Failed { Error: var error } => error,
            _ => new ApiError(ApiFailure.Invalid, "The namespace kube-system has no uid."),
        };

    public IAsyncEnumerable<ApiResult<ObjectList>> ListPagesAsync(
        ObjectKind kind,
        string? @namespace,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellation) =>
        ListPagesAsync(kind, @namespace, string.Join(',', labels.Select(label => $"{label.Key}={label.Value}")), ApiRequest.Json, cancellation);

    public async IAsyncEnumerable<ApiResult<ImmutableArray<ObjectMeta>>> ListMetadataAsync(
        ObjectKind kind,
        string? @namespace,
        string label,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var page in ListPagesAsync(kind, @namespace, label, ApiRequest.OnlyMetadata, cancellation))
        {
            yield return page is ApiResult<ObjectList>.Ok { Value.Items: var items }
                ? items.Select(item => item.Metadata).ToImmutableArray()
                : ((ApiResult<ObjectList>.Failed)page).Error;
        }
    }

    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ObjectKind kind,
        string? @namespace,
        string resourceVersion,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var query = $"watch=true&allowWatchBookmarks=true&timeoutSeconds={WatchLength.TotalSeconds:0}&resourceVersion={Uri.EscapeDataString(resourceVersion)}";
        // Whoever watches has a loop of its own.
        var sent = await SendAsync(kind, path => new ApiRequest(HttpMethod.Get, $"{path.Collection(@namespace)}?{query}"), cancellation, once: true);
        if (sent is not ApiResult<HttpResponseMessage>.Ok { Value: var response })
        {
            yield return new WatchEvent.Failed(((ApiResult<HttpResponseMessage>.Failed)sent).Error);
            yield break;
        }

        using (response)
        {
            var body = await response.Content.ReadAsStreamAsync(cancellation);
            await foreach (var change in WatchReader.ReadAsync(body, $"Watching {kind}", _time, cancellation))
            {
                yield return change;
            }
        }
    }

    public async Task<ApiResult<KubernetesObject>> CreateAsync(KubernetesObject @object, CancellationToken cancellation) =>
        await SendForObjectAsync(
            @object.Kind,
            path => new ApiRequest(HttpMethod.Post, path.Collection(@object.Metadata.Namespace), Utf8(@object.ToJson()), IsRepeatable: false),
            cancellation);

    public async Task<ApiResult<KubernetesObject>> ReplaceAsync(KubernetesObject @object, CancellationToken cancellation) =>
        await SendForObjectAsync(
            @object.Kind,
            path => new ApiRequest(HttpMethod.Put, path.Object(@object.Metadata.Namespace, @object.Metadata.Name), Utf8(@object.ToJson()), IsRepeatable: false),
            cancellation);

    public Task<ApiError?> DeleteAsync(ObjectRef target, DeleteOptions options, CancellationToken cancellation) => SendForErrorAsync(
        target.Kind, path => new ApiRequest(HttpMethod.Delete, path.Object(target.Namespace, target.Name), Body(options)), cancellation);

    public Task<ApiError?> RemoveFinalizerAsync(ObjectRef target, string finalizer, CancellationToken cancellation) => PatchAsync(
        target,
        "application/strategic-merge-patch+json",
        new JsonObject { ["metadata"] = new JsonObject { ["$deleteFromPrimitiveList/finalizers"] = new JsonArray(finalizer) } },
        cancellation);

    public Task<ApiError?> PatchNodeLabelsAsync(string node, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) => PatchAsync(
        new ObjectRef(ObjectKind.Node, null, node),
        "application/merge-patch+json",
        new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))) } },
        cancellation);

    public async Task<ApiResult<Stream>> ReadLogAsync(ObjectRef pod, string container, int tailLines, CancellationToken cancellation)
    {
        var query = $"container={Uri.EscapeDataString(container)}&tailLines={tailLines.ToString(CultureInfo.InvariantCulture)}&limitBytes={LogBytesMax}";
        return await SendAsync(pod.Kind, path => new ApiRequest(HttpMethod.Get, $"{path.Object(pod.Namespace, pod.Name)}/log?{query}"), cancellation) switch
        {
            ApiResult<HttpResponseMessage>.Ok { Value: var response } => await response.Content.ReadAsStreamAsync(cancellation),
            ApiResult<HttpResponseMessage>.Failed { Error: var error } => error,
            _ => throw new InvalidOperationException("A result is a value or an error."),
        };
    }

    public void Dispose() => _client.Dispose();

    private async IAsyncEnumerable<ApiResult<ObjectList>> ListPagesAsync(
        ObjectKind kind,
        string? @namespace,
        string selector,
        string accept,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        for (string? next = ""; next is not null;)
        {
            var query = $"limit={_options.PageSize}&labelSelector={Uri.EscapeDataString(selector)}&continue={Uri.EscapeDataString(next)}";
            var sent = await SendAsync(kind, path => new ApiRequest(HttpMethod.Get, $"{path.Collection(@namespace)}?{query}") { Accept = accept }, cancellation);
            if (sent is not ApiResult<HttpResponseMessage>.Ok { Value: var response })
            {
                yield return ((ApiResult<HttpResponseMessage>.Failed)sent).Error;
                yield break;
            }

            using (response)
            {
                var read = await _client.ReadAsync(response, $"Listing {kind}", (body, token) => ObjectPage.ReadAsync(kind, body, token), cancellation);
                if (read is not ApiResult<ObjectPage>.Ok { Value: var page })
                {
                    yield return ((ApiResult<ObjectPage>.Failed)read).Error;
                    yield break;
                }

                yield return page.List;
                next = page.Continue;
            }
        }
    }

    private Task<ApiError?> PatchAsync(ObjectRef target, string contentType, JsonObject patch, CancellationToken cancellation) => SendForErrorAsync(
        target.Kind, path => new ApiRequest(HttpMethod.Patch, path.Object(target.Namespace, target.Name), Utf8(patch), contentType), cancellation);

    private async Task<ApiResult<KubernetesObject>> SendForObjectAsync(ObjectKind kind, Func<ResourcePath, ApiRequest> request, CancellationToken cancellation)
    {
        var sent = await SendAsync(kind, request, cancellation);
        if (sent is not ApiResult<HttpResponseMessage>.Ok { Value: var response })
        {
            return ((ApiResult<HttpResponseMessage>.Failed)sent).Error;
        }

        using (response)
        {
            return await _client.ReadAsync(response, kind.ToString(), ReadObjectAsync, cancellation);
        }
    }

    private static async Task<KubernetesObject> ReadObjectAsync(Stream body, CancellationToken cancellation)
    {
        using var document = await JsonDocument.ParseAsync(body, default, cancellation);
        return KubernetesObject.From(document.RootElement.Clone());
    }

    private async Task<ApiError?> SendForErrorAsync(ObjectKind kind, Func<ResourcePath, ApiRequest> request, CancellationToken cancellation)
    {
        switch (await SendAsync(kind, request, cancellation))
        {
            case ApiResult<HttpResponseMessage>.Ok { Value: var response }:
                response.Dispose();
                return null;
            case ApiResult<HttpResponseMessage>.Failed { Error: var error }:
                return error;
            default:
                throw new InvalidOperationException("A result is a value or an error.");
        }
    }

    private async Task<ApiResult<HttpResponseMessage>> SendAsync(
        ObjectKind kind, Func<ResourcePath, ApiRequest> request, CancellationToken cancellation, bool once = false)
    {
        var found = await _discovery.FindAsync(kind, cancellation);
        if (found is not ApiResult<ResourcePath>.Ok { Value: var path })
        {
            return ((ApiResult<ResourcePath>.Failed)found).Error;
        }

        var sent = once ? await _client.SendOnceAsync(request(path), cancellation) : await _client.SendAsync(request(path), cancellation);
        if (sent is ApiResult<HttpResponseMessage>.Failed { Error.Failure: ApiFailure.KindNotServed })
        {
            _discovery.Forget(kind);
        }

        return sent;
    }

    private static byte[]? Body(DeleteOptions options)
    {
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions" };
        if (options.GracePeriod is { } grace)
        {
            body["gracePeriodSeconds"] = (long)grace.TotalSeconds;
        }

        if (options.Foreground)
        {
            body["propagationPolicy"] = "Foreground";
        }

        return options == DeleteOptions.Default ? null : Utf8(body);
    }

    private static byte[] Utf8(JsonObject document) => Encoding.UTF8.GetBytes(document.ToJsonString());
}
