using System.Collections.Immutable;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Tests.Worker;

/// <summary>A cluster whose API refuses some requests.</summary>
internal sealed class RefusingCluster(ICluster cluster) : ICluster
{
    public Func<ObjectKind, ApiError?> List { get; set; } = _ => null;

    public Func<KubernetesObject, ApiError?> Create { get; set; } = _ => null;

    public Func<ObjectRef, ApiError?> Delete { get; set; } = _ => null;

    public Func<ObjectRef, ApiError?> Patch { get; set; } = _ => null;

    public Func<Stream>? Log { get; set; }

    public Task<ApiResult<string>> GetClusterUidAsync(CancellationToken cancellation) => cluster.GetClusterUidAsync(cancellation);

    public IAsyncEnumerable<ApiResult<ObjectList>> ListPagesAsync(
        ObjectKind kind, string? @namespace, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) =>
        List(kind) is { } error
            ? new[] { (ApiResult<ObjectList>)error }.ToAsyncEnumerable()
            : cluster.ListPagesAsync(kind, @namespace, labels, cancellation);

    public IAsyncEnumerable<ApiResult<ImmutableArray<ObjectMeta>>> ListMetadataAsync(
        ObjectKind kind, string? @namespace, string label, CancellationToken cancellation) =>
        cluster.ListMetadataAsync(kind, @namespace, label, cancellation);

    public IAsyncEnumerable<WatchEvent> WatchAsync(ObjectKind kind, string? @namespace, string resourceVersion, CancellationToken cancellation) =>
        cluster.WatchAsync(kind, @namespace, resourceVersion, cancellation);

    public Task<ApiResult<KubernetesObject>> CreateAsync(KubernetesObject @object, CancellationToken cancellation) =>
        Create(@object) is { } error ? Task.FromResult<ApiResult<KubernetesObject>>(error) : cluster.CreateAsync(@object, cancellation);

    public Task<ApiResult<KubernetesObject>> ReplaceAsync(KubernetesObject @object, CancellationToken cancellation) =>
        cluster.ReplaceAsync(@object, cancellation);

    public Task<ApiError?> DeleteAsync(ObjectRef target, DeleteOptions options, CancellationToken cancellation) =>
        Delete(target) is { } error ? Task.FromResult<ApiError?>(error) : cluster.DeleteAsync(target, options, cancellation);

    public Task<ApiError?> RemoveFinalizerAsync(ObjectRef target, string finalizer, CancellationToken cancellation) =>
        Patch(target) is { } error ? Task.FromResult<ApiError?>(error) : cluster.RemoveFinalizerAsync(target, finalizer, cancellation);

    public Task<ApiResult<Stream>> ReadLogAsync(ObjectRef pod, string container, int tailLines, CancellationToken cancellation) =>
        Log is { } log ? Task.FromResult<ApiResult<Stream>>(log()) : cluster.ReadLogAsync(pod, container, tailLines, cancellation);

    public Task<ApiError?> PatchNodeLabelsAsync(string node, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation) =>
        cluster.PatchNodeLabelsAsync(node, labels, cancellation);
}
