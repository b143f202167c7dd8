using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Osmo.BackendOperator.Cluster;

namespace Osmo.BackendOperator.Kubernetes.Api;

/// <summary>How a kind is addressed, such as <c>apis/scheduling.run.ai/v2</c>, <c>queues</c>.</summary>
internal sealed record ResourcePath(string Root, string Plural, bool IsNamespaced)
{
    /// <param name="namespace">Null for all namespaces.</param>
    public string Collection(string? @namespace) =>
        IsNamespaced && @namespace is not null ? $"{Root}/namespaces/{Uri.EscapeDataString(@namespace)}/{Plural}" : $"{Root}/{Plural}";

    public string Object(string? @namespace, string name) => $"{Collection(@namespace)}/{Uri.EscapeDataString(name)}";
}

/// <summary>Asks the API server once how each kind is addressed. What it does not serve is asked for again: a definition may be installed later.</summary>
internal sealed class ResourceDiscovery(ApiClient client)
{
    /// <summary>Kinds remembered; jobs could name any number of them.</summary>
    private const int KindsMax = 1000;

    private readonly ConcurrentDictionary<ObjectKind, ResourcePath> _known = [];

    public async Task<ApiResult<ResourcePath>> FindAsync(ObjectKind kind, CancellationToken cancellation)
    {
        if (_known.TryGetValue(kind, out var known))
        {
            return known;
        }

        var root = kind.ApiVersion.Contains('/', StringComparison.Ordinal) ? $"apis/{kind.ApiVersion}" : $"api/{kind.ApiVersion}";
        switch (await client.SendAsync(new ApiRequest(HttpMethod.Get, root), cancellation))
        {
            case ApiResult<HttpResponseMessage>.Failed { Error: { Failure: ApiFailure.NotFound or ApiFailure.KindNotServed } }:
                return NotServed(kind);
            case ApiResult<HttpResponseMessage>.Failed { Error: var error }:
                return error;
            case ApiResult<HttpResponseMessage>.Ok { Value: var response }:
                using (response)
                {
                    return await ReadAsync(kind, root, response, cancellation);
                }

            default:
                throw new InvalidOperationException("A result is a value or an error.");
        }
    }

    /// <summary>The server says that it does not serve the kind any longer.</summary>
    public void Forget(ObjectKind kind) => _known.TryRemove(kind, out _);

    private async Task<ApiResult<ResourcePath>> ReadAsync(ObjectKind kind, string root, HttpResponseMessage response, CancellationToken cancellation)
    {
        var read = await client.ReadAsync(
            response, $"The resources of {kind.ApiVersion}", async (body, token) => await JsonSerializer.DeserializeAsync(body, DiscoveryJson.Default.ResourceList, token), cancellation);
        if (read is not ApiResult<ResourceList?>.Ok { Value: var list })
        {
            return ((ApiResult<ResourceList?>.Failed)read).Error;
        }

        // Subresources carry the kind too.
        if (list?.Resources?.Find(item => item.Kind == kind.Kind && !item.Name.Contains('/', StringComparison.Ordinal)) is not { } found)
        {
            return NotServed(kind);
        }

        var path = new ResourcePath(root, found.Name, found.Namespaced);
        return _known.Count < KindsMax ? _known.GetOrAdd(kind, path) : path;
    }

    private static ApiError NotServed(ObjectKind kind) => new(ApiFailure.KindNotServed, $"The API server does not serve {kind}.");
}

internal sealed record ResourceList(List<ServedResource>? Resources);

internal sealed record ServedResource(string Name, string Kind, bool Namespaced);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ResourceList))]
internal sealed partial class DiscoveryJson : JsonSerializerContext;
