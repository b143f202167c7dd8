using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Specification;

/// <summary>
/// The regular expressions of inputs, outputs and checkpoints are Python's (contract: workflow-spec §6.4). They are nearly .NET's;
/// what differs in spelling is rewritten: named groups, <c>\Z</c>, <c>{,n}</c>, and '[' inside a character class.
/// </summary>
public static class PythonRegex
{
    /// <summary>How long one match may take; a pattern is the user's, and may backtrack for ever.</summary>
    public static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    /// <summary>A matcher with Python's <c>match</c>: from the start of the text, not to its end.</summary>
    public static bool TryCompile(string pattern, [NotNullWhen(true)] out Regex? regex)
    {
        try
        {
            // The first line keeps an alternation from escaping the anchor.
            regex = new Regex($@"\A(?:{Translate(pattern)})", RegexOptions.CultureInvariant, MatchLimit);
            _ = new Regex(Translate(pattern), RegexOptions.CultureInvariant, MatchLimit);
            return true;
        }
        catch (RegexParseException)
        {
            regex = null;
            return false;
        }
    }

    private static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                text.Append(!inClass && pattern[i + 1] == 'Z' ? @"\z" : pattern.Substring(i, 2));
                i++;
            }
            else if (inClass)
            {
                inClass = pattern[i] != ']';
                text.Append(pattern[i] == '[' ? @"\[" : pattern[i].ToString());
            }
            else if (pattern[i] == '[')
            {
                inClass = true;
                var opening = rest.StartsWith("[^]") ? @"[^\]" : rest.StartsWith("[]") ? @"[\]" : rest.StartsWith("[^") ? "[^" : "[";
                text.Append(opening);
                i += opening.Replace(@"\", "", StringComparison.Ordinal).Length - 1;
            }
            else if (rest.StartsWith("(?P<"))
            {
                text.Append("(?<");
                i += 3;
            }
            else if (rest.StartsWith("(?P=") && rest.IndexOf(')') is var end and > 4)
            {
                text.Append(@"\k<").Append(rest[4..end]).Append('>');
                i += end;
            }
            else if (rest.StartsWith("{,"))
            {
                text.Append("{0,");
                i++;
            }
            else
            {
                text.Append(pattern[i]);
            }
        }

        return text.ToString();
    }
}
