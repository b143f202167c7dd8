using System.Text.RegularExpressions;
using Osmo.Workflows.Specification;

namespace Osmo.Runtime.Data;

/// <summary>Which files a transfer takes: those whose path matches, from its start on (contract: runtime-protocol §17.3).</summary>
internal static class FileFilter
{
    /// <summary>Null for an empty pattern, which takes every file.</summary>
    /// <exception cref="DataTransferException">The pattern is not valid.</exception>
    public static Regex? Parse(string pattern) =>
        pattern.Length == 0 ? null
        : PythonRegex.TryCompile(pattern, out var filter) ? filter
        : throw new DataTransferException($"Regex '{pattern}' is not valid.");
}
