using System.Text.Json.Nodes;

namespace Osmo.Testing.Kubernetes.Api;

/// <summary>RFC 7386, and of strategic merge the one directive for lists of plain values.</summary>
internal static class MergePatch
{
    private const string DeleteFromList = "$deleteFromPrimitiveList/";

    public static void Apply(JsonObject document, JsonObject patch)
    {
        foreach (var (field, value) in patch)
        {
            switch (value)
            {
                case null:
                    document.Remove(field);
                    break;
                case JsonObject inner:
                    if (document[field] is not JsonObject target)
                    {
                        document[field] = target = [];
                    }

                    Apply(target, inner);
                    break;
                default:
                    document[field] = value.DeepClone();
                    break;
            }
        }
    }

    public static void ApplyStrategic(JsonObject document, JsonObject patch)
    {
        foreach (var (field, value) in patch)
        {
            if (field.StartsWith(DeleteFromList, StringComparison.Ordinal))
            {
                DeleteAll(document[field[DeleteFromList.Length..]] as JsonArray ?? [], value!.AsArray());
            }
            else if (value is JsonObject inner && document[field] is JsonObject target)
            {
                ApplyStrategic(target, inner);
            }
            else
            {
                Apply(document, new JsonObject { [field] = value?.DeepClone() });
            }
        }
    }

    private static void DeleteAll(JsonArray list, JsonArray values)
    {
        foreach (var item in list.Where(item => values.Any(value => (string?)value == (string?)item)).ToList())
        {
            list.Remove(item);
        }
    }
}
