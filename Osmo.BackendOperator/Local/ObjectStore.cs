using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>
/// The objects of the local cluster with the semantics of the Kubernetes API: uids, resource versions, deletion that waits for
/// finalizers and, for pods, for <see cref="Release"/>. Objects survive a kill; events live in memory.
/// </summary>
internal sealed class ObjectStore
{
    /// <summary>Events kept; the oldest go first.</summary>
    internal const int EventsMax = 2048;

    /// <summary>Kubernetes' default when a pod names none.</summary>
    internal static readonly TimeSpan DefaultGracePeriod = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly ObjectFiles _files;
    private readonly TimeProvider _time;
    private readonly Dictionary<ObjectRef, KubernetesObject> _objects = [];
    private readonly HashSet<string> _releasedUids = [];
    private readonly Queue<ObjectRef> _events = [];
    private readonly ChangeLog _changes;
    private long _version;

    public ObjectStore(string directory, TimeProvider time, ILogger logger)
    {
        _files = new ObjectFiles(directory, logger);
        _time = time;
        foreach (var @object in _files.Load())
        {
            _objects[@object.Ref] = @object;
            _version = Math.Max(_version, VersionOf(@object.Metadata.ResourceVersion));
        }

        ClusterUid = _files.ClusterUid();
        _changes = new ChangeLog(_version);
    }

    public string ClusterUid { get; }

    public KubernetesObject? Find(ObjectRef target)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(target);
        }
    }

    /// <summary>Oldest first.</summary>
    public ObjectList List(ObjectKind kind, string? @namespace, IReadOnlyDictionary<string, string> labels)
    {
        lock (_lock)
        {
            return new ObjectList(
                [
                    .. _objects.Values
                        .Where(item => item.Kind == kind && (@namespace is null || item.Metadata.Namespace == @namespace) && Matches(item, labels))
                        .OrderBy(item => item.Metadata.CreationTimestamp)
                        .ThenBy(item => item.Metadata.Name, StringComparer.Ordinal),
                ],
                _version.ToString(CultureInfo.InvariantCulture));
        }
    }

    public IAsyncEnumerable<WatchEvent> WatchAsync(ObjectKind kind, string? @namespace, string resourceVersion, CancellationToken cancellation) =>
        _changes.WatchAsync(
            item => item.Kind == kind && (@namespace is null || item.Metadata.Namespace == @namespace),
            VersionOf(resourceVersion),
            cancellation);

    public ApiResult<KubernetesObject> Create(KubernetesObject wanted)
    {
        foreach (var name in (ReadOnlySpan<string?>)[wanted.Metadata.Name, wanted.Metadata.Namespace])
        {
            if (name is not null && InvalidName(name) is { } invalid)
            {
                return invalid;
            }
        }

        lock (_lock)
        {
            if (_objects.ContainsKey(wanted.Ref))
            {
                return new ApiError(ApiFailure.AlreadyExists, $"{wanted.Ref} already exists.");
            }

            var document = wanted.ToJson();
            var metadata = document["metadata"]!.AsObject();
            metadata["uid"] = Guid.NewGuid().ToString();
            metadata["creationTimestamp"] = KubernetesTime.Format(_time.GetUtcNow());
            metadata.Remove("deletionTimestamp");
            if (wanted.Kind == ObjectKind.Pod)
            {
                document["status"] = new JsonObject { ["phase"] = nameof(PodPhase.Pending) };
            }

            var created = Put(document, ChangeType.Added);
            ForgetOldEvents(created);
            return created;
        }
    }

    /// <summary>Changes an object as it is now.</summary>
    /// <returns>Null when there is no such object.</returns>
    public KubernetesObject? Update(ObjectRef target, Action<JsonObject> change)
    {
        lock (_lock)
        {
            if (!_objects.TryGetValue(target, out var current))
            {
                return null;
            }

            var document = current.ToJson();
            change(document);
            var updated = Put(document, ChangeType.Modified);
            VanishWhenNothingHolds(updated);
            return updated;
        }
    }

    public ApiResult<KubernetesObject> Replace(KubernetesObject wanted)
    {
        lock (_lock)
        {
            if (!_objects.TryGetValue(wanted.Ref, out var current))
            {
                return new ApiError(ApiFailure.NotFound, $"{wanted.Ref} does not exist.");
            }

            if (wanted.Metadata.ResourceVersion != current.Metadata.ResourceVersion)
            {
                return new ApiError(ApiFailure.Conflict, $"{wanted.Ref} is at resource version {current.Metadata.ResourceVersion} by now.");
            }

            var document = wanted.ToJson();
            document["metadata"]!["uid"] = current.Metadata.Uid;
            return Put(document, ChangeType.Modified);
        }
    }

    public ApiError? Delete(ObjectRef target, TimeSpan? gracePeriod)
    {
        lock (_lock)
        {
            if (!_objects.TryGetValue(target, out var current))
            {
                return new ApiError(ApiFailure.NotFound, $"{target} does not exist.");
            }

            var grace = gracePeriod ?? OwnGracePeriod(current);
            if (current.Metadata.DeletionTimestamp is null || grace.TotalSeconds < current.Metadata.DeletionGracePeriodSeconds)
            {
                var document = current.ToJson();
                var metadata = document["metadata"]!.AsObject();
                metadata["deletionTimestamp"] = KubernetesTime.Format(_time.GetUtcNow() + grace);
                metadata["deletionGracePeriodSeconds"] = (long)grace.TotalSeconds;
                current = Put(document, ChangeType.Modified);
            }

            VanishWhenNothingHolds(current);
            return null;
        }
    }

    /// <summary>No process of the pod is left: its deletion need not wait for it any longer.</summary>
    public void Release(ObjectRef pod, string uid)
    {
        lock (_lock)
        {
            if (_objects.TryGetValue(pod, out var current) && current.Metadata.Uid == uid)
            {
                _releasedUids.Add(uid);
                VanishWhenNothingHolds(current);
            }
        }
    }

    private void VanishWhenNothingHolds(KubernetesObject @object)
    {
        var metadata = @object.Metadata;
        if (metadata.DeletionTimestamp is not null
            && metadata.Finalizers.Count == 0
            && (@object.Kind != ObjectKind.Pod || _releasedUids.Contains(metadata.Uid!)))
        {
            Remove(@object);
            _releasedUids.Remove(metadata.Uid!);
        }
    }

    private void Remove(KubernetesObject @object)
    {
        if (IsPersistent(@object.Kind))
        {
            _files.Delete(@object.Ref);
        }

        _objects.Remove(@object.Ref);
        var document = @object.ToJson();
        document["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _changes.Append(_version, ChangeType.Deleted, KubernetesObject.From(document));
    }

    private KubernetesObject Put(JsonObject document, ChangeType type)
    {
        document["metadata"]!["resourceVersion"] = (_version + 1).ToString(CultureInfo.InvariantCulture);
        var @object = KubernetesObject.From(document);
        if (IsPersistent(@object.Kind))
        {
            _files.Save(@object);
        }

        _objects[@object.Ref] = @object;
        _changes.Append(++_version, type, @object);
        return @object;
    }

    private void ForgetOldEvents(KubernetesObject created)
    {
        if (created.Kind != ObjectKind.Event)
        {
            return;
        }

        _events.Enqueue(created.Ref);
        if (_events.Count > EventsMax && _objects.TryGetValue(_events.Dequeue(), out var oldest))
        {
            Remove(oldest);
        }
    }

    private static bool IsPersistent(ObjectKind kind) => kind != ObjectKind.Event;

    private static bool Matches(KubernetesObject @object, IReadOnlyDictionary<string, string> labels) =>
        labels.All(label => @object.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value);

    private static TimeSpan OwnGracePeriod(KubernetesObject @object) =>
        @object.Kind != ObjectKind.Pod ? TimeSpan.Zero
        : @object.AsPod().Spec.TerminationGracePeriodSeconds is { } seconds ? TimeSpan.FromSeconds(Math.Max(0, seconds))
        : DefaultGracePeriod;

    private static ApiError? InvalidName(string name) =>
        name.Length is > 0 and <= 253
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
            ? null
            : new ApiError(
                ApiFailure.Invalid,
                $"Name '{name}' is not allowed: 1 to 253 lower-case letters, digits, '-' and '.', first and last a letter or digit.");

    private static long VersionOf(string? resourceVersion) =>
        long.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
