using System.Text.RegularExpressions;

namespace Osmo.Tidy.Tests;

/// <summary>House rules that no analyzer knows.</summary>
public partial class SourceRulesTests
{
    private const int LinesMax = 500;

    [Fact]
    public void Files_AreShortEnoughToBeRead()
    {
        var long_ = Repository.Sources.Where(file => File.ReadLines(file).Count() > LinesMax).Select(Relative);

        Assert.Empty(long_);
    }

    [Fact]
    public void Sources_LeaveNothingForLater()
    {
        var marked = Repository.Sources.Where(file => !file.EndsWith("SourceRulesTests.cs", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(file).Where(line => Unfinished().IsMatch(line)).Select(line => $"{Relative(file)}: {line.Trim()}"));

        Assert.Empty(marked);
    }

    [Fact]
    public void Tests_DoNotSleep()
    {
        var sleeping = Repository.Sources.Where(file => file.Contains($"{Path.DirectorySeparatorChar}test{Path.DirectorySeparatorChar}"))
            .Where(file => !file.EndsWith("SourceRulesTests.cs", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(file).Where(line => Sleep().IsMatch(line)).Select(line => $"{Relative(file)}: {line.Trim()}"));

        Assert.Empty(sleeping);
    }

    [Fact]
    public void Tree_HoldsWhatTheReadmeSpeaksOfAndNothingElse()
    {
        string[] known =
        [
            ".ci", ".editorconfig", ".gitattributes", ".gitignore", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "LICENSE",
            "Osmo.sln", "README.md", "bench", "docs", "examples", "global.json", "k8s", "test",
        ];
        string[] local = [".git", "artifacts", "logs", ".vs", ".idea", ".osmo", "TestResults"];
        var found = Directory.EnumerateFileSystemEntries(Repository.Root).Select(Path.GetFileName)
            .Where(name => !name!.StartsWith("Osmo.", StringComparison.Ordinal) || name == "Osmo.sln");

        Assert.Empty(found.Except(known).Except(local));
    }

    private static string Relative(string file) => Path.GetRelativePath(Repository.Root, file);

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException", RegexOptions.CultureInvariant)]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"Thread\.Sleep\(|await Task\.Delay\((?!.*(Infinite|\btime\b))", RegexOptions.CultureInvariant)]
    private static partial Regex Sleep();
}
