using System.Text.Json.Nodes;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Objects;

/// <summary>
/// A folder of the node in the user's container: <c>src[:dest]</c> (contract: workflow-spec §6.3). Submit has checked that the platform
/// allows it.
/// </summary>
internal sealed record HostMount(int Index, string Source, string Target)
{
    private string Name => $"host-mount-{Index}";

    public JsonObject Mount() => PodJson.Mount(Name, Target);

    public JsonObject Volume() => new() { ["name"] = Name, ["hostPath"] = new JsonObject { ["path"] = Source } };
}

internal static class HostMounts
{
    public static IEnumerable<HostMount> Of(TaskSpec task) => task.VolumeMounts.Select(Parse);

    private static HostMount Parse(string text, int index)
    {
        var separator = text.IndexOf(':', StringComparison.Ordinal);
        return separator < 0 ? new HostMount(index, text, text) : new HostMount(index, text[..separator], text[(separator + 1)..]);
    }
}
