using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Osmo.BackendOperator.Worker;

/// <summary>The CronJob of a test, as YAML with <c>{{ name }}</c> where a value belongs (contract: backend-protocol §14).</summary>
internal static partial class TestTemplate
{
    /// <exception cref="JsonException">The text names a value that there is not, or is no YAML object; the message says which.</exception>
    public static JsonObject Render(string text, IReadOnlyDictionary<string, string> values)
    {
        var rendered = Placeholder().Replace(text, place => values.TryGetValue(place.Groups["name"].Value, out var value)
            ? value
            : throw new JsonException($"The template of test runners names '{place.Groups["name"].Value}'; known are {string.Join(", ", values.Keys)}."));
        try
        {
            var document = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize<object?>(rendered);
            var json = new SerializerBuilder().JsonCompatible().Build().Serialize(document);
            return JsonNode.Parse(json) as JsonObject ?? throw new JsonException("The template of test runners is no object.");
        }
        catch (YamlException e)
        {
            throw new JsonException($"The template of test runners is no YAML: {e.Message}", e);
        }
    }

    [GeneratedRegex(@"\{\{-?\s*(?<name>\w+)\s*-?\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
