using System.Text.Json;
using System.Text.Json.Serialization;

namespace Osmo.Workflows.Specification;

/// <summary>
/// A specification as JSON, for rows and messages: every member written, so that what is read back does not depend on defaults.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(WorkflowSpec))]
public sealed partial class SpecJson : JsonSerializerContext
{
    public static string Write(WorkflowSpec spec) => JsonSerializer.Serialize(spec, Default.WorkflowSpec);

    /// <exception cref="JsonException">Not a text that <see cref="Write"/> made.</exception>
    public static WorkflowSpec Read(string json) =>
        JsonSerializer.Deserialize(json, Default.WorkflowSpec) ?? throw new JsonException("A specification cannot be null.");
}
