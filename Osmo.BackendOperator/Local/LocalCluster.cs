using System.Collections.Immutable;
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
    private static readonly Dictionary<string, string> Everything = [];

    private readonly LocalClusterOptions _options;
    private readonly ILogger<LocalCluster> _logger;
    private readonly ObjectStore _store;
    private readonly LocalKubelet _kubelet;
    private int _hasMentionedImages;

    /// <exception cref="ArgumentException">An option is not allowed.</exception>
    /// <exception cref="InvalidDataException">The file with the cluster's uid is damaged.</exception>
    /// <exception cref="IOException">The data directory cannot be read or written.</exception>
    public LocalCluster(LocalClusterOptions options, TimeProvider time, ILogger<LocalCluster> logger)
    {
        options.Validate();
        _options = options with { DataDirectory = Path.GetFullPath(options.DataDirectory) };
        _logger = logger;
        OwnersDirectory.Create(_options.DataDirectory);
        _store = new ObjectStore(ObjectsOf(_options.DataDirectory), time, logger);
        _kubelet = new LocalKubelet(_store, _options, time, logger);
    }

    /// <summary>The uid that the cluster of a data directory has had since its first start; changes nothing.</summary>
    /// <returns>Null when there has been no cluster yet.</returns>
    /// <exception cref="InvalidDataException">The file with the uid is damaged; the message names it and the way out.</exception>
    /// <exception cref="IOException">The file with the uid cannot be read.</exception>
    public static string? ReadUid(string dataDirectory) => ObjectFiles.ReadUid(ObjectsOf(Path.GetFullPath(dataDirectory)));

    /// <summary>The objects themselves, for those who play the part of scheduler or kubelet.</summary>
    internal ObjectStore Store => _store;

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

    public IAsyncEnumerable<ApiResult<ObjectList>> ListPagesAsync(
        ObjectKind kind,
        string? @namespace,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellation) =>
        new[] { (ApiResult<ObjectList>)_store.List(kind, @namespace, labels) }.ToAsyncEnumerable();

    public IAsyncEnumerable<ApiResult<ImmutableArray<ObjectMeta>>> ListMetadataAsync(
        ObjectKind kind,
        string? @namespace,
        string label,
        CancellationToken cancellation)
    {
        var items = _store.List(kind, @namespace, Everything).Items;
        ImmutableArray<ObjectMeta> labelled = [.. items.Select(item => item.Metadata).Where(item => item.Labels.ContainsKey(label))];
        return new[] { (ApiResult<ImmutableArray<ObjectMeta>>)labelled }.ToAsyncEnumerable();
    }

    public IAsyncEnumerable<WatchEvent> WatchAsync(ObjectKind kind, string? @namespace, string resourceVersion, CancellationToken cancellation) =>
        _store.WatchAsync(kind, @namespace, resourceVersion, cancellation);

    public Task<ApiResult<KubernetesObject>> CreateAsync(KubernetesObject @object, CancellationToken cancellation)
    {
        if (ObjectValidation.WhyNot(@object) is { } reason)
        {
            return Task.FromResult<ApiResult<KubernetesObject>>(new ApiError(ApiFailure.Invalid, $"{@object.Ref}: {reason}"));
        }

        if (@object.Kind == ObjectKind.Pod && Interlocked.Exchange(ref _hasMentionedImages, 1) == 0)
        {
            LogImages(_logger);
        }

        return Answer<ApiResult<KubernetesObject>>(() => _store.Create(@object), error => error);
    }

    public Task<ApiResult<KubernetesObject>> ReplaceAsync(KubernetesObject @object, CancellationToken cancellation) =>
        Answer<ApiResult<KubernetesObject>>(() => _store.Replace(@object), error => error);

    public Task<ApiError?> DeleteAsync(ObjectRef target, DeleteOptions options, CancellationToken cancellation) =>
        Answer(() => _store.Delete(target, options.GracePeriod), error => error);

    public Task<ApiError?> RemoveFinalizerAsync(ObjectRef target, string finalizer, CancellationToken cancellation) => UpdateAsync(
        target,
        metadata =>
        {
            if (metadata["finalizers"] is JsonArray finalizers)
            {
                var kept = finalizers.Where(item => (string?)item != finalizer).Select(item => item?.DeepClone());
                metadata["finalizers"] = new JsonArray([.. kept]);
            }
        });

    public Task<ApiError?> PatchNodeLabelsAsync(
        string node,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellation) => UpdateAsync(
        LocalNode.RefOf(node),
        metadata =>
        {
            var patched = metadata["labels"] as JsonObject;
            if (patched is null)
            {
                metadata["labels"] = patched = [];
            }

            foreach (var (key, value) in labels)
            {
                patched[key] = value;
            }
        });

    public Task<ApiResult<Stream>> ReadLogAsync(ObjectRef pod, string container, int tailLines, CancellationToken cancellation)
    {
        if (_store.Find(pod) is not { } found)
        {
            return Task.FromResult<ApiResult<Stream>>(NotFound(pod));
        }

        var spec = found.AsPod().Spec;
        return Task.FromResult<ApiResult<Stream>>(
            spec.Containers.Concat(spec.InitContainers).Any(item => item.Name == container)
                ? LogTail.Open(new PodPaths(_options.DataDirectory, found.Metadata.Uid!).LogOf(container), tailLines)
                : new ApiError(ApiFailure.Invalid, $"{pod} has no container '{container}'."));
    }

    private static string ObjectsOf(string dataDirectory) => Path.Combine(dataDirectory, "cluster");

    private Task<ApiError?> UpdateAsync(ObjectRef target, Action<JsonObject> change) => Answer(
        () => _store.Update(target, document => change(document["metadata"]!.AsObject())) is null ? NotFound(target) : null,
        error => error);

    /// <summary>Trouble with the disk is an error of this API's server.</summary>
    private static Task<T> Answer<T>(Func<T> ask, Func<ApiError, T> asAnswer)
    {
        try
        {
            return Task.FromResult(ask());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult(asAnswer(new ApiError(ApiFailure.ServerError, e.Message)));
        }
    }

    private static ApiError NotFound(ObjectRef target) => new(ApiFailure.NotFound, $"{target} does not exist.");

    [LoggerMessage(1, LogLevel.Information, "Tasks run as processes of this machine: container images are recorded, not pulled")]
    private static partial void LogImages(ILogger logger);
}
