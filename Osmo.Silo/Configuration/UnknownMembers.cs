using System.Text.Json.Nodes;

namespace Osmo.Silo.Configuration;

/// <summary>Finds what a patch says that the configuration it was put into has no place for: a misspelt name must not silently mean the default.</summary>
internal static class UnknownMembers
{
    /// <param name="patch">A merge patch; its nulls take away and need no place.</param>
    /// <param name="result">The configuration that was read from patch and former state, written again: what it does not know is gone.</param>
    /// <returns>Dotted paths, such as <c>workflow.max_num_task</c>.</returns>
    public static IEnumerable<string> Find(JsonNode? patch, JsonNode? result) => patch is JsonObject said && result is JsonObject taken
        ? said.Where(member => member.Value is not null).SelectMany(member => taken.ContainsKey(member.Key)
            ? Find(member.Value, taken[member.Key]).Select(path => $"{member.Key}.{path}")
            : [member.Key])
        : [];
}
