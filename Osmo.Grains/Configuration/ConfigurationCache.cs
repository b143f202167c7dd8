using System.Text.Json;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Configuration;

namespace Osmo.Grains.Configuration;

/// <summary>The configuration as grains of this process see it: at most <see cref="Staleness"/> behind, one immutable model at a time.</summary>
public sealed class ConfigurationCache(IGrainFactory grains, TimeProvider time)
{
    public static readonly TimeSpan Staleness = TimeSpan.FromSeconds(1);

    private volatile Entry? _entry;

    public async ValueTask<ConfigurationModel> Current()
    {
        var now = time.GetUtcNow();
        var entry = _entry;
        if (entry is not null && now - entry.ReadAt < Staleness)
        {
            return entry.Model;
        }

        var document = await grains.GetGrain<IConfigurationGrain>(IConfigurationGrain.Key).Get(entry?.Version ?? -1);
        entry = entry is not null && entry.Version == document.Version
            ? entry with { ReadAt = now }
            : new Entry(document.Version, now, Resolve(document.Json));
        _entry = entry;
        return entry.Model;
    }

    /// <param name="json">Null: the defaults.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    /// <exception cref="JsonException">It is no configuration.</exception>
    internal static ConfigurationModel Resolve(string? json)
    {
        var snapshot = json is null
            ? ConfigurationSnapshot.Default
            : JsonSerializer.Deserialize<ConfigurationSnapshot>(json, ConfigurationJson.Storage) ?? throw new JsonException("A configuration cannot be null.");
        return ConfigurationModel.Build(snapshot);
    }

    private sealed record Entry(long Version, DateTimeOffset ReadAt, ConfigurationModel Model);
}
