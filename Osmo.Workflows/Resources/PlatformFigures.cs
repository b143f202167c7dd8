using System.Text.Json.Serialization;

namespace Osmo.Workflows.Resources;

/// <summary>What a node offers to the tasks of one platform (contract: config §11, backend-protocol §8.5).</summary>
/// <param name="Allocatable">Without the control container.</param>
/// <param name="WorkflowAllocatable">Also without what runs on the node beside workflows; resource rules compare with this.</param>
/// <param name="Available">What is not in use now.</param>
public sealed record PlatformFigures(PlatformAmounts Allocatable, PlatformAmounts WorkflowAllocatable, PlatformAmounts Available)
{
    public static PlatformFigures Of(NodeAmounts allocatable, NodeAmounts usage, NodeAmounts otherUsage, ControlRequests control)
    {
        var nothing = new NodeAmounts(null, null, null, null);
        var platform = Rest(allocatable, new NodeAmounts(control.Cpu, null, control.Memory, control.Storage), nothing);
        return new PlatformFigures(
            platform,
            Rest(allocatable, new NodeAmounts(control.Cpu, null, control.Memory, control.Storage), otherUsage),
            Rest(new NodeAmounts(platform.Cpu, platform.Gpu, platform.MemoryKi * 1024m, platform.Storage), usage, nothing));
    }

    private static PlatformAmounts Rest(NodeAmounts from, NodeAmounts one, NodeAmounts other) => new()
    {
        Storage = Whole(from.Storage, one.Storage, other.Storage, 1),
        Cpu = Whole(from.Cpu, one.Cpu, other.Cpu, 1),
        MemoryKi = Whole(from.Memory, one.Memory, other.Memory, 1024),
        Gpu = Whole(from.Gpu, one.Gpu, other.Gpu, 1),
    };

    private static long? Whole(decimal? from, decimal? one, decimal? other, decimal unit) =>
        from is { } amount ? (long)Math.Clamp(decimal.Floor((amount - (one ?? 0) - (other ?? 0)) / unit), 0, long.MaxValue) : null;
}

/// <summary>Whole numbers: bytes, cores, Ki, pieces. Null where the node lacks the resource.</summary>
public sealed record PlatformAmounts
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Storage { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Cpu { get; init; }

    [JsonIgnore]
    public long? MemoryKi { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Memory => MemoryKi is { } memory ? $"{memory}Ki" : null;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Gpu { get; init; }
}
