using System.Collections.Immutable;
using System.Text.Json;

namespace Osmo.Protocol.Backend;

/// <summary>
/// Groups of which there are objects but no pod, and which no report of a pod would ever mention: our operator posts them to our control plane.
/// Upstream's control plane has no such route, and upstream's operator does not ask for it.
/// </summary>
public sealed record LeftoverReport(ImmutableArray<LeftoverGroup> Groups)
{
    /// <summary>Groups of one report; who has more sends several.</summary>
    public const int GroupsMax = 500;

    /// <summary>Of a report as JSON; as many groups as allowed take less.</summary>
    public const int BytesMax = 128 << 10;

    /// <summary>Where a backend's reports go.</summary>
    public static string PathOf(string backend) => $"/api/agent/listener/backend/{Uri.EscapeDataString(backend)}/leftovers";

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, BackendJson.Default.LeftoverReport);

    /// <exception cref="JsonException">Says what is wrong, and what is allowed.</exception>
    public static LeftoverReport Decode(ReadOnlySpan<byte> utf8)
    {
        var report = JsonSerializer.Deserialize(utf8, BackendJson.Default.LeftoverReport) ?? throw new JsonException("The report is null.");
        if (report.Groups.IsDefault || report.Groups.Length > GroupsMax)
        {
            throw new JsonException($"groups has {(report.Groups.IsDefault ? "no" : report.Groups.Length)} members; allowed are up to {GroupsMax}.");
        }

        var bad = report.Groups.ToList().FindIndex(group => group is not { IsWellFormed: true });
        return bad < 0
            ? report
            : throw new JsonException($"groups[{bad}] has not two uuids; allowed are workflow_uuid and group_uuid of 32 lower-case hexadecimal digits each.");
    }
}

/// <summary>As the labels of the objects name it (contract: backend-protocol §11).</summary>
public sealed record LeftoverGroup(string WorkflowUuid, string GroupUuid)
{
    private const int UuidDigits = 32;

    /// <summary>Others may use these labels as they like; what was made for a group has uuids.</summary>
    internal bool IsWellFormed => IsUuid(WorkflowUuid) && IsUuid(GroupUuid);

    /// <returns>Null when these are no uuids.</returns>
    public static LeftoverGroup? Of(string workflowUuid, string groupUuid) =>
        new LeftoverGroup(workflowUuid, groupUuid) is { IsWellFormed: true } group ? group : null;

    private static bool IsUuid(string text) => text.Length == UuidDigits && text.All(char.IsAsciiHexDigitLower);
}
