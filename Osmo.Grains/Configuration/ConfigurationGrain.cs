using Orleans.Runtime;
using Osmo.Grains.Interfaces;
using Osmo.Workflows.Configuration;

namespace Osmo.Grains.Configuration;

/// <summary>What is stored of the configuration; the version counts from 1.</summary>
public sealed class StoredConfiguration
{
    public long Version { get; set; }

    public string? Json { get; set; }
}

[GrainType("configuration")]
public sealed class ConfigurationGrain(
    [PersistentState("configuration", GrainStorageNames.Documents)] IPersistentState<StoredConfiguration> state) : Grain, IConfigurationGrain
{
    public Task<ConfigurationDocument> Get(long knownVersion) =>
        Task.FromResult(new ConfigurationDocument(state.State.Version, state.State.Version == knownVersion ? null : state.State.Json));

    public async Task<ConfigurationDocument> Replace(long expectedVersion, string json)
    {
        if (state.State.Version == expectedVersion && state.State.Json != json)
        {
            ConfigurationModel.Build(ConfigurationSnapshot.OfStored(json));
            await state.Replace(new StoredConfiguration { Version = expectedVersion + 1, Json = json }, this);
        }

        return new ConfigurationDocument(state.State.Version, state.State.Json);
    }
}
