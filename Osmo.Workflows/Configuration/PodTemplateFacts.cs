using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Workflows.Configuration;

/// <summary>What the rest of the system needs to know from a merged pod template (contract: config §8 "Derived per platform").</summary>
internal static class PodTemplateFacts
{
    public const string ControlContainer = "osmo-ctrl";

    public static ImmutableSortedDictionary<string, string> NodeSelector(
        JsonObject template, string place, ImmutableArray<string>.Builder faults)
    {
        var selector = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (Spec(template)?["nodeSelector"] is not JsonObject labels)
        {
            return selector.ToImmutable();
        }

        foreach (var (key, value) in labels)
        {
            if (Text(value) is { } text)
            {
                selector[key] = text;
            }
            else
            {
                faults.Add($"{place}: nodeSelector {key} must be a text.");
            }
        }

        return selector.ToImmutable();
    }

    public static ImmutableArray<Toleration> Tolerations(JsonObject template, string place, ImmutableArray<string>.Builder faults)
    {
        var tolerations = ImmutableArray.CreateBuilder<Toleration>();
        foreach (var item in Spec(template)?["tolerations"] as JsonArray ?? [])
        {
            if (item is JsonObject toleration && Text(toleration["key"]) is { Length: > 0 } key)
            {
                tolerations.Add(new Toleration(
                    key, Text(toleration["operator"]) ?? "Equal", Text(toleration["value"]), Text(toleration["effect"])));
            }
            else
            {
                faults.Add($"{place}: every toleration must have a key.");
            }
        }

        return tolerations.DrainToImmutable();
    }

    public static ImmutableArray<string> DefaultMounts(JsonObject template) =>
    [
        .. Containers(template)
            .Where(container => Text(container["name"]) != ControlContainer)
            .SelectMany(container => container["volumeMounts"] as JsonArray ?? [])
            .Select(mount => Text((mount as JsonObject)?["mountPath"]))
            .OfType<string>(),
    ];

    /// <summary>The <c>resources</c> of the <c>osmo-ctrl</c> container; null when the template says nothing about them.</summary>
    public static JsonObject? ControlResources(JsonElement template) =>
        JsonObject.Create(template) is { } pod
            ? Containers(pod).FirstOrDefault(container => Text(container["name"]) == ControlContainer)?["resources"] as JsonObject
            : null;

    private static JsonObject? Spec(JsonObject template) => template["spec"] as JsonObject;

    private static IEnumerable<JsonObject> Containers(JsonObject template) =>
        (Spec(template)?["containers"] as JsonArray ?? []).OfType<JsonObject>();

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
