using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Osmo.Testing.Kubernetes.Api;

/// <param name="Type"><c>ADDED</c>, <c>MODIFIED</c> or <c>DELETED</c>.</param>
/// <param name="Before">Null when the object was made by this change.</param>
public sealed record Change(string Type, StoredObject Object, StoredObject? Before);

/// <summary>All objects and the recent changes, with one sequence of resource versions as etcd has it.</summary>
public sealed class ApiStorage(TimeProvider time)
{
    /// <summary>Changes kept; a watch from before them is told that its version is too old.</summary>
    internal const int HistoryMax = 10_000;

    /// <summary>Changes a watcher may be behind; then its connection ends, as the real server does it.</summary>
    internal const int BehindMax = 100_000;

    private static readonly ImmutableSortedDictionary<ObjectKey, StoredObject> None = ImmutableSortedDictionary.Create<ObjectKey, StoredObject>(
        Comparer<ObjectKey>.Create(static (a, b) => string.CompareOrdinal(a.Namespace, b.Namespace) is var order and not 0 ? order : string.CompareOrdinal(a.Name, b.Name)));

    private readonly Lock _lock = new();
    /// <summary>Each resource's, in the order of lists. They are immutable, so that who lists many of them keeps nobody from changing one.</summary>
    private readonly Dictionary<Resource, ImmutableSortedDictionary<ObjectKey, StoredObject>> _objects = [];
    private readonly Queue<Change> _history = [];
    private readonly List<ChannelWriter<Change>> _watchers = [];
    private long _version = 1;
    private long _forgotten;

    public TimeProvider Time => time;

    public long Version
    {
        get
        {
            lock (_lock)
            {
                return _version;
            }
        }
    }

    public StoredObject? Find(ObjectKey key)
    {
        lock (_lock)
        {
            return Of(key.Resource).GetValueOrDefault(key);
        }
    }

    /// <summary>In the order of namespace and name.</summary>
    public (IReadOnlyList<StoredObject> Items, long Version) List(Resource resource, string? @namespace)
    {
        ImmutableSortedDictionary<ObjectKey, StoredObject> objects;
        long version;
        lock (_lock)
        {
            (objects, version) = (Of(resource), _version);
        }

        return ([.. objects.Values.Where(item => @namespace is null || item.Key.Namespace == @namespace)], version);
    }

    /// <summary>Changes of all resources after a version; null when some of them are forgotten.</summary>
    public ChannelReader<Change>? Watch(long after, CancellationToken cancellation)
    {
        var channel = Channel.CreateBounded<Change>(new BoundedChannelOptions(BehindMax) { SingleReader = true });
        lock (_lock)
        {
            if (after < _forgotten)
            {
                return null;
            }

            foreach (var change in _history.Where(change => change.Object.Version > after))
            {
                channel.Writer.TryWrite(change);
            }

            _watchers.Add(channel.Writer);
        }

        cancellation.Register(() =>
        {
            lock (_lock)
            {
                _watchers.Remove(channel.Writer);
            }

            channel.Writer.TryComplete();
        });
        return channel.Reader;
    }

    /// <summary>Forgets all changes: whoever watches from an older version must list again.</summary>
    public void Compact()
    {
        lock (_lock)
        {
            _history.Clear();
            _forgotten = ++_version;
        }
    }

    /// <summary>Ends every watch in good order, as the server does after its timeout.</summary>
    public void EndWatches()
    {
        lock (_lock)
        {
            _watchers.ForEach(watcher => watcher.TryComplete());
            _watchers.Clear();
        }
    }

    /// <exception cref="ApiException">There is one already.</exception>
    public StoredObject Insert(ObjectKey key, JsonObject document)
    {
        lock (_lock)
        {
            return Of(key.Resource).ContainsKey(key) ? throw ApiException.AlreadyExists(key) : Put("ADDED", key, document, null);
        }
    }

    /// <summary>Changes an object as it is now; the change is kept unless <paramref name="change"/> answers false.</summary>
    /// <exception cref="ApiException">There is no such object.</exception>
    public StoredObject Update(ObjectKey key, Func<JsonObject, bool> change)
    {
        lock (_lock)
        {
            var current = Of(key.Resource).GetValueOrDefault(key) ?? throw ApiException.NotFound(key);
            var document = current.ToJson();
            return change(document) ? Put("MODIFIED", key, document, current) : current;
        }
    }

    /// <inheritdoc cref="Update(ObjectKey, Func{JsonObject, bool})"/>
    public StoredObject Update(ObjectKey key, Action<JsonObject> change) => Update(key, document =>
    {
        change(document);
        return true;
    });

    /// <summary>Removes an object if, as it is now, nothing holds it; another one of its name may have come meanwhile.</summary>
    internal void Remove(ObjectKey key, Predicate<StoredObject> isFree)
    {
        lock (_lock)
        {
            if (Of(key.Resource).GetValueOrDefault(key) is { } last && isFree(last))
            {
                _objects[key.Resource] = Of(key.Resource).Remove(key);
                Publish(new Change("DELETED", Stamp(key, last.ToJson()), last));
            }
        }
    }

    private ImmutableSortedDictionary<ObjectKey, StoredObject> Of(Resource resource) => _objects.GetValueOrDefault(resource, None);

    private StoredObject Put(string type, ObjectKey key, JsonObject document, StoredObject? before)
    {
        var stored = Stamp(key, document);
        _objects[key.Resource] = Of(key.Resource).SetItem(key, stored);
        Publish(new Change(type, stored, before));
        return stored;
    }

    private StoredObject Stamp(ObjectKey key, JsonObject document)
    {
        document["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        return new StoredObject(key, document, _version);
    }

    private void Publish(Change change)
    {
        _history.Enqueue(change);
        if (_history.Count > HistoryMax)
        {
            _forgotten = _history.Dequeue().Object.Version;
        }

        _watchers.RemoveAll(watcher =>
        {
            var isBehind = !watcher.TryWrite(change);
            if (isBehind)
            {
                watcher.TryComplete();
            }

            return isBehind;
        });
    }
}
