using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Osmo.Workflows.Configuration;

/// <summary>
/// How configuration documents stand in JSON: wire names in snake case, every member present, absent members filled with their defaults.
/// Reflection, because generated metadata does not keep the initial values of <c>init</c> members; configuration is parsed rarely.
/// </summary>
public static class ConfigurationJson
{
    /// <summary>With secrets in clear. Only for storage.</summary>
    public static JsonSerializerOptions Storage { get; } = Create(new SecretConverter());

    /// <summary>With secrets masked. For answers.</summary>
    public static JsonSerializerOptions Masked { get; } = Create(new MaskedSecretConverter());

    private static JsonSerializerOptions Create(JsonConverter secrets)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters = { secrets },
        };
        options.MakeReadOnly();
        return options;
    }
}
