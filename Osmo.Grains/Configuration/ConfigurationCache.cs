using System.Text.Json;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Configuration;

namespace Osmo.Grains.Configuration;

/// <summary>The configuration as grains of this process see it: at most <see cref="Staleness"/> behind, one immutable model at a time.</summary>
public sealed class ConfigurationCache(IGrainFactory grains, TimeProvider time)
{
    public static readonly TimeSpan Staleness = TimeSpan.FromSeconds(1);

    private volatile Entry? _entry;

    /// <exception cref="StateStoreException">What is stored cannot be used by this version.</exception>
    public async ValueTask<ConfigurationModel> Current()
    {
        var now = time.GetTimestamp();
        var entry = _entry;
        if (entry is not null && time.GetElapsedTime(entry.ReadAt, now) < Staleness)
        {
            return entry.Model;
        }

        var document = await grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key).Get(entry?.Version ?? -1);
        entry = entry is not null && entry.Version == document.Version
            ? entry with { ReadAt = now }
            : new Entry(document.Version, now, Stored(document.Json));
        _entry = entry;
        return entry.Model;
    }

    private static ConfigurationModel Stored(string? json)
    {
        try
        {
            return ConfigurationModel.Build(ConfigurationSnapshot.OfStored(json));
        }
        catch (Exception e) when (e is JsonException or ConfigurationException)
        {
            throw new StateStoreException($"The stored configuration cannot be used by this version: {e.Message}", isTransient: false, e);
        }
    }

    private sealed record Entry(long Version, long ReadAt, ConfigurationModel Model);
}
