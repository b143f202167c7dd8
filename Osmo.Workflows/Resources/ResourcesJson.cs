using System.Text.Json.Serialization;

namespace Osmo.Workflows.Resources;

/// <summary>Writes the answers about pools and resources.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ResourcesAnswer))]
[JsonSerializable(typeof(ConciseResourcesAnswer))]
[JsonSerializable(typeof(PoolsAnswer))]
[JsonSerializable(typeof(PoolQuotaAnswer))]
public sealed partial class ResourcesJson : JsonSerializerContext;
