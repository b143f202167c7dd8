using System.Text.RegularExpressions;

namespace Osmo.Runtime.Data;

/// <summary>File filters are in Python's syntax, anchored at the start only (contract: runtime-protocol §17.3).</summary>
internal static class PythonRegex
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Null for an empty pattern, which takes every file.</summary>
    /// <exception cref="DataTransferException">The pattern is not valid.</exception>
    public static Regex? Parse(string pattern)
    {
        if (pattern.Length == 0)
            return null;
        try
        {
            var translated = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
            translated = Regex.Replace(translated, @"\(\?P=(\w+)\)", @"\k<$1>");
            translated = translated.Replace(@"\Z", @"\z", StringComparison.Ordinal);
            return new Regex($"^(?:{translated})", RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException exception)
        {
            throw new DataTransferException($"Regex '{pattern}' is not valid: {exception.Message}", exception);
        }
    }
}
