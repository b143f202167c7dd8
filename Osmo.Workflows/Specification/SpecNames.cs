namespace Osmo.Workflows.Specification;

/// <summary>Uniqueness of the names of groups and tasks of one workflow (contract: workflow-spec §8.2, §8.3).</summary>
internal static class SpecNames
{
    /// <summary>The first canonical name that stands twice, or null.</summary>
    public static string? FirstClash(IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.Select(SpecName.Canonical).FirstOrDefault(name => !seen.Add(name));
    }

    public static string ClashMessage(string name) =>
        $"Multiple tasks/groups have the same name: \"{name}\". Names must differ without regard to case, and '_' counts as '-'.";
}
