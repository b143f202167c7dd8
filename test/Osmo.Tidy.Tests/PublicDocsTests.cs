using System.Text.RegularExpressions;

namespace Osmo.Tidy.Tests;

/// <summary>The library of the language is read by people who write for it: every public type says what it is.</summary>
public partial class PublicDocsTests
{
    [Fact]
    public void PublicTypes_OfTheLanguage_HaveASummary()
    {
        var undocumented = Repository.Sources
            .Where(file => Path.GetRelativePath(Repository.Root, file).StartsWith("Osmo.Workflows" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            .SelectMany(Undocumented).ToList();

        Assert.Empty(undocumented);
    }

    private static IEnumerable<string> Undocumented(string file)
    {
        var isDocumented = false;
        foreach (var line in File.ReadLines(file))
        {
            var text = line.Trim();
            if (PublicType().IsMatch(text) && !isDocumented)
            {
                yield return $"{Path.GetRelativePath(Repository.Root, file)}: {text}";
            }

            // Attributes may stand between the documentation and the type; other members end with ';' or braces.
            isDocumented = text.StartsWith("///", StringComparison.Ordinal)
                || (isDocumented && text.Length > 0 && !text.EndsWith(';') && text[0] is not ('{' or '}'));
        }
    }

    [GeneratedRegex(@"^public (?:(?:sealed|abstract|static|readonly|partial|ref) )*(?:class|record|struct|enum|interface|delegate) ", RegexOptions.CultureInvariant)]
    private static partial Regex PublicType();
}
