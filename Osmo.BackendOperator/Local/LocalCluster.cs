using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>
/// A cluster of one node, this machine: pods are process trees that survive a kill of this process and are adopted at the next
/// <see cref="Start"/>; a clean <see cref="StopAsync"/> ends them. Containers share the machine's file system and network;
/// images are recorded, not pulled.
/// </summary>
public sealed partial class LocalCluster : ICluster, IAsyncDisposable
{
    private readonly LocalClusterOptions _options;
    private readonly ILogger<LocalCluster> _logger;
    private readonly ObjectStore _store;
    private readonly LocalKubelet _kubelet;
    private int _hasMentionedImages;

    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    public LocalCluster(LocalClusterOptions options, TimeProvider time, ILogger<LocalCluster> logger)
    {
        options.Validate();
        _options = options with { DataDirectory = Path.GetFullPath(options.DataDirectory) };
        _logger = logger;
        OwnersDirectory.Create(_options.DataDirectory);
        _store = new ObjectStore(Path.Combine(_options.DataDirectory, "cluster"), time, logger);
        _kubelet = new LocalKubelet(_store, _options, time, logger);
    }

    /// <summary>Adopts the pods that still run and begins to run new ones.</summary>
    public void Start() => _kubelet.Start();

    /// <summary>
    /// Ends all pods: SIGTERM, after the grace period SIGKILL. They are then <c>Failed</c> with the condition DisruptionTarget,
    /// which the listener reports at the next start.
    /// </summary>
    public Task StopAsync() => _kubelet.StopAsync();

    /// <summary>Lets go of the pods; without <see cref="StopAsync"/> they go on running.</summary>
    public ValueTask DisposeAsync() => _kubelet.DisposeAsync();

    public Task<ApiResult<string>> GetClusterUidAsync(CancellationToken cancellation) => Task.FromResult<ApiResult<string>>(_store.ClusterUid);

    public Task<ApiResult<ObjectList>> ListAsync(
        ObjectKind kind,
        string? @namespace,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellation) => Task.FromResult<ApiResult<ObjectList>>(_store.List(kind, @namespace, labels));

    public IAsyncEnumerable<WatchEvent> WatchAsync(ObjectKind kind, string? @namespace, string resourceVersion, CancellationToken cancellation) =>
        _store.WatchAsync(kind, @namespace, resourceVersion, cancellation);

    public Task<ApiResult<KubernetesObject>> CreateAsync(KubernetesObject @object, CancellationToken cancellation)
    {
        if (@object.Kind == ObjectKind.Pod)
        {
            try
            {
                _ = @object.AsPod();
            }
            catch (System.Text.Json.JsonException e)
            {
                return Task.FromResult<ApiResult<KubernetesObject>>(new ApiError(ApiFailure.Invalid, $"{@object.Ref}: {e.Message}"));
            }

            if (Interlocked.Exchange(ref _hasMentionedImages, 1) == 0)
            {
                LogImages(_logger);
            }
        }

        return Task.FromResult(_store.Create(@object));
    }

    public Task<ApiResult<KubernetesObject>> ReplaceAsync(KubernetesObject @object, CancellationToken cancellation) =>
        Task.FromResult(_store.Replace(@object));

    public Task<ApiError?> DeleteAsync(ObjectRef target, DeleteOptions options, CancellationToken cancellation) =>
        Task.FromResult(_store.Delete(target, options.GracePeriod));

    public Task<ApiError?> RemoveFinalizerAsync(ObjectRef target, string finalizer, CancellationToken cancellation)
    {
        var updated = _store.Update(
            target,
            document =>
            {
                if (document["metadata"]!["finalizers"] is JsonArray finalizers)
                {
                    document["metadata"]!["finalizers"] = new JsonArray([.. finalizers.Where(item => (string?)item != finalizer).Select(item => item?.DeepClone())]);
                }
            });
        return Task.FromResult(updated is null ? NotFound(target) : null);
    }

    public Task<ApiResult<Stream>> ReadLogAsync(ObjectRef pod, string container, int tailLines, CancellationToken cancellation)
    {
        if (_store.Find(pod) is not { } found)
        {
            return Task.FromResult<ApiResult<Stream>>(NotFound(pod)!);
        }

        var spec = found.AsPod().Spec;
        return Task.FromResult<ApiResult<Stream>>(
            spec.Containers.Concat(spec.InitContainers).Any(item => item.Name == container)
                ? LogTail.Open(new PodPaths(_options.DataDirectory, found.Metadata.Uid!).LogOf(container), tailLines)
                : new ApiError(ApiFailure.Invalid, $"{pod} has no container '{container}'."));
    }

    public Task<ApiError?> PatchNodeLabelsAsync(string node, IReadOnlyDictionary<string, string> labels, CancellationToken cancellation)
    {
        var updated = _store.Update(
            LocalNode.RefOf(node),
            document =>
            {
                foreach (var (key, value) in labels)
                {
                    document["metadata"]!["labels"]![key] = value;
                }
            });
        return Task.FromResult(updated is null ? NotFound(LocalNode.RefOf(node)) : null);
    }

    private static ApiError? NotFound(ObjectRef target) => new(ApiFailure.NotFound, $"{target} does not exist.");

    [LoggerMessage(1, LogLevel.Information, "Tasks run as processes of this machine: container images are recorded, not pulled")]
    private static partial void LogImages(ILogger logger);
}
