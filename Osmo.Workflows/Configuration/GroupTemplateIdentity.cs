using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Osmo.Workflows.Configuration;

/// <summary>What makes two group templates the same object (contract: config §3.5, §8).</summary>
internal static class GroupTemplateIdentity
{
    public static (string ApiVersion, string Kind, string Name)? Of(JsonObject template, ImmutableArray<string>.Builder faults)
    {
        var metadata = template["metadata"] as JsonObject;
        if (metadata?["namespace"] is not null)
        {
            faults.Add("Group template must not have \"metadata.namespace\" set. The namespace is the backend's.");
            return null;
        }

        var apiVersion = Required(template, "apiVersion", "apiVersion", faults);
        var kind = Required(template, "kind", "kind", faults);
        var name = Required(metadata, "name", "metadata.name", faults);
        return apiVersion is null || kind is null || name is null ? null : (apiVersion, kind, name);
    }

    private static string? Required(JsonObject? parent, string member, string path, ImmutableArray<string>.Builder faults)
    {
        if (parent?[member] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0)
        {
            return text;
        }

        faults.Add($"Group template must have \"{path}\" field.");
        return null;
    }
}
