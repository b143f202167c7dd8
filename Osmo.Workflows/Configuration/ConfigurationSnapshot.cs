using System.Collections.Immutable;
using System.Text.Json;

namespace Osmo.Workflows.Configuration;

/// <summary>
/// All configuration documents at one version: immutable, and swapped whole. Templates are kept as the JSON that was given.
/// Resolved (templates merged, timeouts inherited) it is a <see cref="ConfigurationModel"/>.
/// </summary>
public sealed record ConfigurationSnapshot
{
    /// <summary>Grows with every accepted change; 0 are the defaults.</summary>
    public long Version { get; init; }

    public ServiceConfig Service { get; init; } = new();

    public WorkflowConfig Workflow { get; init; } = new();

    public ImmutableSortedDictionary<string, BackendConfig> Backends { get; init; } =
        ImmutableSortedDictionary<string, BackendConfig>.Empty;

    public ImmutableSortedDictionary<string, PoolConfig> Pools { get; init; } = ImmutableSortedDictionary<string, PoolConfig>.Empty;

    public ImmutableSortedDictionary<string, JsonElement> PodTemplates { get; init; } =
        ImmutableSortedDictionary<string, JsonElement>.Empty;

    public ImmutableSortedDictionary<string, JsonElement> GroupTemplates { get; init; } =
        ImmutableSortedDictionary<string, JsonElement>.Empty;

    public ImmutableSortedDictionary<string, ImmutableArray<ResourceAssertion>> ResourceValidations { get; init; } =
        ImmutableSortedDictionary<string, ImmutableArray<ResourceAssertion>>.Empty;

    public ImmutableSortedDictionary<string, BackendTestConfig> BackendTests { get; init; } =
        ImmutableSortedDictionary<string, BackendTestConfig>.Empty;

    /// <summary>What a fresh installation has (contract: config §15).</summary>
    public static ConfigurationSnapshot Default { get; } = ConfigurationDefaults.Create();

    /// <param name="json">As <see cref="ConfigurationJson.Storage"/> writes it; null where none was ever stored.</param>
    /// <exception cref="JsonException">It is no configuration.</exception>
    public static ConfigurationSnapshot OfStored(string? json) => json is null
        ? Default
        : JsonSerializer.Deserialize<ConfigurationSnapshot>(json, ConfigurationJson.Storage) ?? throw new JsonException("A configuration cannot be null.");
}
