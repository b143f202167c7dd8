using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;

namespace Osmo.Workflows.Resources;

/// <summary>A platform of a pool.</summary>
public sealed record PlatformKey(string Pool, string Platform)
{
    public override string ToString() => $"{Pool}/{Platform}";
}

/// <summary>Which platforms may place tasks on a node (contract: backend-protocol §8.5, config §11).</summary>
public static class NodeMembership
{
    /// <summary>In the order of pool and platform names; a node may belong to many.</summary>
    public static ImmutableArray<PlatformKey> Of(NodeDocument node, ConfigurationModel configuration)
    {
        if (node.LabelFields.IsEmpty)
        {
            return [];
        }

        ImmutableArray<Taint> taints = [.. node.Taints.Select(Taint.Read).Where(taint => taint.Effect != "PreferNoSchedule")];
        return
        [
            .. from pool in configuration.Pools.Values
               where pool.Backend == node.Backend
               from platform in pool.Platforms.Values
               where HasLabels(node, platform) && taints.All(taint => platform.Tolerations.Any(toleration => Tolerates(toleration, taint)))
               select new PlatformKey(pool.Name, platform.Name),
        ];
    }

    /// <summary>By the number of distinct pools.</summary>
    public static NodeResourceType TypeOf(IEnumerable<PlatformKey> memberships) =>
        memberships.Select(key => key.Pool).Distinct().Take(2).Count() switch
    {
        0 => NodeResourceType.Unused,
        1 => NodeResourceType.Reserved,
        _ => NodeResourceType.Shared,
    };

    private static bool HasLabels(NodeDocument node, PlatformModel platform) =>
        platform.NodeSelector.All(label => node.LabelFields.TryGetValue(label.Key, out var value) && value == label.Value);

    private static bool Tolerates(Toleration toleration, Taint taint) =>
        toleration.Key == taint.Key
        && (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (toleration.Operator == "Exists" || (toleration.Operator == "Equal" && (toleration.Value ?? "") == (taint.Value ?? "")));

    private sealed record Taint(string? Key, string? Value, string? Effect)
    {
        public static Taint Read(JsonElement taint) => new(Text(taint, "key"), Text(taint, "value"), Text(taint, "effect"));

        private static string? Text(JsonElement taint, string name) =>
            taint.ValueKind == JsonValueKind.Object && taint.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
    }
}
