using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Osmo.Tidy.Tests;

/// <summary>What is tested on the second engine too: everything the engine can make a difference to.</summary>
public class OrleansFilterTests
{
    [Fact]
    public void Filter_HoldsTheBenchAndAllTestsOfWhatKnowsTheEngine()
    {
        var filter = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "test", "Orleans.slnf")))!;
        var listed = filter["solution"]!["projects"]!.AsArray().Select(path => (string)path!).Order();

        var expected = new[] { "bench", "test" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Where(project => !IsSupport(project) && KnowsTheEngine(project))
            .Select(project => Path.GetRelativePath(Repository.Root, project)).Order();

        Assert.Equal(expected, listed);
    }

    // Shared fixtures know the engine for those who want one; using a database of theirs does not make a test depend on it.
    private static bool IsSupport(string project) => Path.GetFileName(project).StartsWith("Osmo.Testing", StringComparison.Ordinal);

    private static bool KnowsTheEngine(string project)
    {
        var content = XDocument.Load(project);
        return content.Descendants("UsesActorEngine").Any()
            || content.Descendants("ProjectReference")
                .Select(reference => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value)))
                .Any(referenced => !IsSupport(referenced) && KnowsTheEngine(referenced));
    }
}
