using System.Collections.Immutable;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Cluster;

/// <summary>
/// What the operator needs of a cluster, with the semantics of the Kubernetes API: resource versions, list and watch,
/// finalizers, grace periods. Failures of the API are results; only cancellation throws.
/// </summary>
public interface ICluster
{
    /// <summary>The cluster's identity: uid of the namespace <c>kube-system</c> (contract: backend-protocol §4).</summary>
    Task<ApiResult<string>> GetClusterUidAsync(CancellationToken cancellation);

    /// <summary>
    /// One consistent list in pages, which have the same resource version. There is at least one page; after a failure it ends, and what
    /// came before is to be forgotten.
    /// </summary>
    /// <param name="namespace">Null for all namespaces, and for kinds without one.</param>
    /// <param name="labels">All must be equal; empty selects everything.</param>
    IAsyncEnumerable<ApiResult<ObjectList>> ListPagesAsync(
        ObjectKind kind,
        string? @namespace,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellation);

    /// <summary>
    /// Everything of a kind that has a label, whatever its value, in pages; only the metadata travel. After a failure it ends.
    /// </summary>
    /// <param name="namespace">Null for all namespaces, and for kinds without one.</param>
    IAsyncEnumerable<ApiResult<ImmutableArray<ObjectMeta>>> ListMetadataAsync(
        ObjectKind kind,
        string? @namespace,
        string label,
        CancellationToken cancellation);

    /// <summary>
    /// Changes after <paramref name="resourceVersion"/> in order. The sequence ends when the server closes the watch, or is silent for too long; after a
    /// <see cref="WatchEvent.Failed"/> it ends too.
    /// </summary>
    IAsyncEnumerable<WatchEvent> WatchAsync(ObjectKind kind, string? @namespace, string resourceVersion, CancellationToken cancellation);

    /// <summary>Creates an object in its namespace; nothing is applied onto one that exists.</summary>
    Task<ApiResult<KubernetesObject>> CreateAsync(KubernetesObject @object, CancellationToken cancellation);

    /// <summary>Replaces an object; its resource version must be the current one.</summary>
    Task<ApiResult<KubernetesObject>> ReplaceAsync(KubernetesObject @object, CancellationToken cancellation);

    /// <summary>Asks for deletion; the object disappears once its finalizers and its processes are gone.</summary>
    Task<ApiError?> DeleteAsync(ObjectRef target, DeleteOptions options, CancellationToken cancellation);

    /// <summary>Takes a finalizer off an object; having none is success.</summary>
    Task<ApiError?> RemoveFinalizerAsync(ObjectRef target, string finalizer, CancellationToken cancellation);

    /// <summary>The last <paramref name="tailLines"/> lines of a container's log as raw bytes; the caller disposes the stream.</summary>
    Task<ApiResult<Stream>> ReadLogAsync(ObjectRef pod, string container, int tailLines, CancellationToken cancellation);

    /// <summary>Sets labels of a node; others stay.</summary>
    Task<ApiError?> PatchNodeLabelsAsync(string node, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation);
}

/// <summary>Lists for those who need all of them at once.</summary>
public static class ClusterLists
{
    /// <inheritdoc cref="ICluster.ListPagesAsync"/>
    public static async Task<ApiResult<ObjectList>> ListAsync(
        this ICluster cluster,
        ObjectKind kind,
        string? @namespace,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellation)
    {
        var items = ImmutableArray.CreateBuilder<KubernetesObject>();
        var resourceVersion = "";
        await foreach (var page in cluster.ListPagesAsync(kind, @namespace, labels, cancellation))
        {
            if (page is not ApiResult<ObjectList>.Ok { Value: var list })
            {
                return page;
            }

            items.AddRange(list.Items);
            resourceVersion = list.ResourceVersion;
        }

        return new ObjectList(items.ToImmutable(), resourceVersion);
    }
}

/// <summary>A consistent list, or a page of one; a watch goes on from its <paramref name="ResourceVersion"/>.</summary>
public sealed record ObjectList(ImmutableArray<KubernetesObject> Items, string ResourceVersion);

/// <summary>How an object is deleted (contract: backend-protocol §10.5).</summary>
public sealed record DeleteOptions
{
    /// <summary>The object's own grace period, background propagation.</summary>
    public static readonly DeleteOptions Default = new();

    /// <summary>Grace period zero and foreground propagation.</summary>
    public static readonly DeleteOptions Force = new() { GracePeriod = TimeSpan.Zero, Foreground = true };

    public TimeSpan? GracePeriod { get; init; }

    public bool Foreground { get; init; }
}

/// <summary>One element of a watch.</summary>
public abstract record WatchEvent
{
    private WatchEvent()
    {
    }

    public sealed record Changed(ChangeType Type, KubernetesObject Object) : WatchEvent;

    /// <summary>Nothing changed up to this version.</summary>
    public sealed record Bookmark(string ResourceVersion) : WatchEvent;

    public sealed record Failed(ApiError Error) : WatchEvent;
}

public enum ChangeType
{
    Added = 1,
    Modified,
    Deleted,
}
