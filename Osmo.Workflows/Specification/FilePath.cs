using System.Text.RegularExpressions;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Where a file of a task may go (contract: workflow-spec §6.6): anywhere but the system's own tree <c>/osmo</c>, of which only the
/// output folder is open. Tokens stand for the folders they become, and dots are resolved first.
/// </summary>
internal static partial class FilePath
{
    private const string SystemFolder = "osmo";

    private static readonly string[] OutputFolder = [SystemFolder, "data", "output"];

    public static bool IsAllowed(string path)
    {
        var resolved = new List<string>();
        foreach (var part in Tokens().Replace(path, match => $"/osmo/data/{match.Groups["folder"].Value}/").Split('/'))
        {
            if (part == ".." && resolved.Count > 0)
            {
                resolved.RemoveAt(resolved.Count - 1);
            }
            else if (part is not ("" or "." or ".."))
            {
                resolved.Add(part);
            }
        }

        var isOutput = resolved.Count > OutputFolder.Length && resolved.Take(OutputFolder.Length).SequenceEqual(OutputFolder);
        return isOutput || (resolved.Count > 0 && resolved[0] != SystemFolder);
    }

    [GeneratedRegex(@"\{\{ *(?<folder>output|input)(?::[^}]+)? *\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Tokens();
}
