using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Hosting.Tests.Manifests;

/// <summary>
/// Kubernetes' own OpenAPI definitions (version 1.28, of the kinds that manifests here have, without descriptions), applied strictly: a field that a kind does not have is an error, as with
/// <c>kubectl apply --validate=strict</c>.
/// </summary>
internal sealed class KubernetesSchema
{
    private readonly JsonElement _definitions;
    private readonly JsonElement _kinds;

    private KubernetesSchema(JsonElement root) => (_definitions, _kinds) = (root.GetProperty("definitions"), root.GetProperty("kinds"));

    public static KubernetesSchema Read() =>
        new(JsonElement.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "test", "Osmo.Hosting.Tests", "Manifests", "kubernetes-schema.json"))));

    /// <summary>Everything that does not fit, each with its place.</summary>
    public IEnumerable<string> Faults(JsonObject manifest)
    {
        var kind = $"{(string?)manifest["apiVersion"]} {(string?)manifest["kind"]}";
        return _kinds.TryGetProperty(kind, out var definition) ? Faults(manifest, _definitions.GetProperty(definition.GetString()!), kind) : [$"{kind} is not among the kinds of the schema."];
    }

    private IEnumerable<string> Faults(JsonNode? node, JsonElement schema, string place)
    {
        while (schema.TryGetProperty("$ref", out var name))
        {
            schema = _definitions.GetProperty(name.GetString()!);
        }

        // Definitions without a type hold anything, such as a JSON value.
        var type = schema.TryGetProperty("type", out var named) ? named.GetString() : null;
        return (type, node) switch
        {
            (null, _) => [],
            ("object", JsonObject value) => OfObject(value, schema, place),
            ("array", JsonArray value) => value.SelectMany((item, index) => Faults(item, schema.GetProperty("items"), $"{place}[{index}]")),
            ("string", JsonValue value) => OfText(value, schema, place),
            ("boolean", JsonValue value) when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => [],
            ("integer", JsonValue value) when value.TryGetValue<long>(out _) => [],
            ("number", JsonValue value) when value.GetValueKind() == JsonValueKind.Number => [],
            _ => [$"{place} is {node?.ToJsonString() ?? "null"}; it must be of type {type}."],
        };
    }

    private IEnumerable<string> OfObject(JsonObject value, JsonElement schema, string place)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Where(name => !value.ContainsKey(name.GetString()!)))
            {
                yield return $"{place}.{name} is missing.";
            }
        }

        foreach (var (name, item) in value)
        {
            if (schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out var property))
            {
                foreach (var fault in Faults(item, property, $"{place}.{name}"))
                {
                    yield return fault;
                }
            }
            else if (schema.TryGetProperty("additionalProperties", out var others))
            {
                foreach (var fault in Faults(item, others, $"{place}.{name}"))
                {
                    yield return fault;
                }
            }
            else if (properties.ValueKind == JsonValueKind.Object)
            {
                yield return $"{place}.{name} is unknown.";
            }
        }
    }

    private static string[] OfText(JsonValue value, JsonElement schema, string place)
    {
        var fits = value.GetValueKind() == JsonValueKind.String
            || (schema.TryGetProperty("format", out var format) && format.GetString() == "int-or-string" && value.TryGetValue<long>(out _));
        return fits ? [] : [$"{place} is {value.ToJsonString()}; it must be text."];
    }
}
