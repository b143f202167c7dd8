using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Workflows.Configuration;

/// <summary>
/// Lays one Kubernetes fragment over another (contract: config §8): objects merge, texts and numbers of the upper win, list items with the
/// same <c>name</c> merge, all other list items are appended.
/// </summary>
public static class TemplateMerge
{
    /// <summary>The fold of the fragments, in order, over an empty object.</summary>
    public static JsonObject Fold(IEnumerable<JsonElement> fragments)
    {
        var merged = new JsonObject();
        foreach (var fragment in fragments)
        {
            Into(merged, JsonObject.Create(fragment) ?? []);
        }

        return merged;
    }

    /// <summary>
    /// Changes <paramref name="lower"/>, which must be the caller's own; takes nothing from <paramref name="upper"/> without copying it.
    /// </summary>
    public static void Into(JsonObject lower, JsonObject upper)
    {
        foreach (var (key, value) in upper)
        {
            switch (lower[key], value)
            {
                case (JsonObject below, JsonObject above):
                    Into(below, above);
                    break;
                case (JsonArray below, JsonArray above):
                    Into(below, above);
                    break;
                default:
                    lower[key] = value?.DeepClone();
                    break;
            }
        }
    }

    private static void Into(JsonArray below, JsonArray above)
    {
        foreach (var item in above)
        {
            if (NameOf(item) is { } name && below.FirstOrDefault(candidate => NameOf(candidate) == name) is JsonObject same)
            {
                Into(same, item!.AsObject());
            }
            else
            {
                below.Add(item?.DeepClone());
            }
        }
    }

    private static string? NameOf(JsonNode? item) =>
        item is JsonObject o && o["name"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;
}
