using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Resources;

/// <summary>
/// Amounts of a node or of its use: cores, pieces, bytes, bytes. Null where the node does not report the resource, or not readably.
/// </summary>
public sealed record NodeAmounts(decimal? Cpu, decimal? Gpu, decimal? Memory, decimal? Storage)
{
    /// <param name="fields">By Kubernetes resource name, as the operator reports them (contract: backend-protocol §8.1, §8.3).</param>
    public static NodeAmounts Of(ImmutableSortedDictionary<string, string> fields) => new(
        Amount(fields, "cpu"), Amount(fields, "nvidia.com/gpu"), Amount(fields, "memory"), Amount(fields, "ephemeral-storage"));

    /// <summary>The four resources by the names clients use: storage in bytes, memory in Ki (contract: api-rest §13).</summary>
    public ResourceTexts ToTexts() => new()
    {
        Storage = Storage is { } storage ? Text(decimal.Floor(storage)) : null,
        Cpu = Cpu is { } cpu ? Text(decimal.Floor(cpu)) : null,
        Memory = Memory is { } memory ? $"{Text(decimal.Floor(memory / 1024))}Ki" : null,
        Gpu = Gpu is { } gpu ? Text(decimal.Floor(gpu)) : null,
    };

    private static decimal? Amount(ImmutableSortedDictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out var text) && KubernetesQuantity.TryParse(text, out var amount) ? amount : null;

    private static string Text(decimal whole) => whole.ToString("0");
}

/// <summary>Resources as texts; absent where the node lacks them.</summary>
public sealed record ResourceTexts
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Storage { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Cpu { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Memory { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Gpu { get; init; }
}
