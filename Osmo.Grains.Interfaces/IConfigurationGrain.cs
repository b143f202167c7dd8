namespace Osmo.Grains.Interfaces;

/// <summary>The deployment's configuration, one document; the only key is <see cref="Key"/>. Everyone reads it through a cached snapshot.</summary>
[Alias("osmo.IConfigurationGrain")]
public interface IConfigurationGrain : IGrainWithStringKey
{
    const string Key = "configuration";

    /// <summary>The document if its version is not <paramref name="knownVersion"/>; otherwise only the version.</summary>
    [Alias("Get")]
    Task<ConfigurationDocument> Get(long knownVersion);

    /// <summary>
    /// Replaces the document if it still has <paramref name="expectedVersion"/>; returns what is stored afterwards. A document that cannot be used is refused with an exception:
    /// everyone would stand still with it.
    /// </summary>
    [Alias("Replace")]
    Task<ConfigurationDocument> Replace(long expectedVersion, string json);
}

/// <param name="Version">0 while nothing was stored: the defaults hold.</param>
/// <param name="Json">JSON of <c>Osmo.Workflows.Configuration.ConfigurationSnapshot</c>; null when not changed or not stored.</param>
[GenerateSerializer, Immutable, Alias("osmo.ConfigurationDocument")]
public sealed record ConfigurationDocument(long Version, string? Json);
