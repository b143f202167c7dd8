using System.Collections.Concurrent;
using Orleans.Runtime;
using Orleans.Storage;

namespace Osmo.Engine.Tests.Support;

/// <summary>Keeps records in memory, with versions, as a storage should.</summary>
public sealed class VersionedStorage : IGrainStorage
{
    public const string Name = "versioned";

    private readonly ConcurrentDictionary<(string, string), (object State, int Version)> _rows = new();

    /// <summary>Another writer's change.</summary>
    public void Overwrite(string stateName, string key, object state) =>
        _rows.AddOrUpdate((stateName, key), (state, 1), (_, row) => (state, row.Version + 1));

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var found = _rows.TryGetValue((stateName, grainId.Key.ToString()!), out var row);
        if (stateName == "unreadable") throw new IOException("The disk is gone.");

        grainState.State = found ? (T)row.State : Activator.CreateInstance<T>();
        grainState.ETag = found ? row.Version.ToString() : null!;
        grainState.RecordExists = found;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId.Key.ToString()!);
        var found = _rows.TryGetValue(key, out var row);
        if ((found ? row.Version.ToString() : null) != grainState.ETag)
        {
            throw new InconsistentStateException("Somebody else wrote.", found ? row.Version.ToString() : "none", grainState.ETag);
        }

        _rows[key] = (grainState.State!, row.Version + 1);
        grainState.ETag = (row.Version + 1).ToString();
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        _rows.TryRemove((stateName, grainId.Key.ToString()!), out _);
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }
}
