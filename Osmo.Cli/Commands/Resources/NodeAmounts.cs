using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Cli.Output;
using Osmo.Workflows.Quantities;

namespace Osmo.Cli.Commands.Resources;

/// <summary>What a node has of one resource, and how much of it is taken; whole numbers, used never above capacity.</summary>
internal readonly record struct NodeAmount(long Capacity, long Used)
{
    public static NodeAmount operator +(NodeAmount one, NodeAmount other) => new(one.Capacity + other.Capacity, one.Used + other.Used);

    /// <summary><c>used/capacity</c>, or what is free; <c>0</c> when there is nothing to use.</summary>
    public string Show(bool isFree) => (Capacity, isFree) switch
    {
        (0, _) => "0",
        (_, true) => $"{Capacity - Used}",
        _ => $"{Used}/{Capacity}",
    };
}

/// <summary>
/// The four resources of a node as lists show them: sizes in Gi, capacity rounded down, use rounded up (contract: cli §22).
/// </summary>
internal static class NodeAmounts
{
    public static readonly ImmutableArray<NodeResource> Resources =
    [
        new("storage", "Storage [Gi]", "Gi", IsSize: true),
        new("cpu", "CPU [#]", "", IsSize: false),
        new("memory", "Memory [Gi]", "Gi", IsSize: true),
        new("gpu", "GPU [#]", "", IsSize: false),
    ];

    public static ImmutableArray<NodeAmount> Of(JsonNode node, string pool, string platform) =>
        [.. Resources.Select(resource => Of(node, resource, pool, platform))];

    private static NodeAmount Of(JsonNode node, NodeResource resource, string pool, string platform)
    {
        var allocatable = node["platform_allocatable_fields"]?[pool]?[platform] ?? node["allocatable_fields"];
        var capacity = (long)Math.Max(0, Math.Floor(Amount(allocatable, resource)));
        var used = (long)Math.Ceiling(Amount(node["usage_fields"], resource));
        return new NodeAmount(capacity, Math.Clamp(used, 0, capacity));
    }

    /// <summary>In Gi or pieces; 0 when it is not known.</summary>
    private static double Amount(JsonNode? fields, NodeResource resource)
    {
        var text = fields.Text(resource.Field);
        if (resource.IsSize)
        {
            return Quantity.TryParse(text, out var size) == QuantityFault.None ? size.In(QuantityUnit.Gi) : 0;
        }

        return KubernetesQuantity.TryParse(text, out var count) ? (double)count : 0;
    }
}

/// <param name="Unit">Written behind the number where no column title names it.</param>
internal sealed record NodeResource(string Field, string Title, string Unit, bool IsSize);

/// <summary>A place where pods run: pool and platform in it.</summary>
internal sealed record Place(string Pool, string Platform)
{
    /// <summary>All places of a node.</summary>
    public static ImmutableArray<Place> Of(JsonNode node) =>
        [.. node["exposed_fields"].List("pool/platform").Select(place => JsonCells.Cell(place).Split('/', 2))
            .Select(parts => new Place(parts[0], parts.ElementAtOrDefault(1) ?? ""))];

    public override string ToString() => $"{Pool}/{Platform}";
}
