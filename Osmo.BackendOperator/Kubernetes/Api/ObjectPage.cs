using System.Text.Json;
using Osmo.BackendOperator.Cluster;

namespace Osmo.BackendOperator.Kubernetes.Api;

/// <summary>One page of a list.</summary>
/// <param name="Continue">Where the next one begins; null after the last.</param>
internal sealed record ObjectPage(ObjectList List, string? Continue)
{
    /// <exception cref="JsonException">It is no list.</exception>
    /// <exception cref="KeyNotFoundException">Something is missing.</exception>
    public static async Task<ObjectPage> ReadAsync(ObjectKind kind, Stream body, CancellationToken cancellation)
    {
        using var document = await JsonDocument.ParseAsync(body, default, cancellation);
        var metadata = document.RootElement.GetProperty("metadata");
        var next = metadata.TryGetProperty("continue", out var token) ? token.GetString() : null;
        var list = new ObjectList(
            // Copies, so that the page's memory goes back even if some objects are kept.
            [.. document.RootElement.GetProperty("items").EnumerateArray().Select(item => KubernetesObject.FromList(item.Clone(), kind))],
            metadata.GetProperty("resourceVersion").GetString()!);
        return new ObjectPage(list, string.IsNullOrEmpty(next) ? null : next);
    }
}
