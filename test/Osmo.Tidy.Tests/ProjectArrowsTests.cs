using System.Xml.Linq;

namespace Osmo.Tidy.Tests;

/// <summary>The arrows of docs/architecture.md: a project knows only what stands behind it.</summary>
public class ProjectArrowsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Osmo.Workflows"] = [],
        ["Osmo.Protocol"] = [],
        ["Osmo.Embedded"] = [],
        ["Osmo.Storage"] = [],
        ["Osmo.Grains.Interfaces"] = ["Osmo.Workflows"],
        ["Osmo.Grains"] = ["Osmo.Grains.Interfaces", "Osmo.Workflows", "Osmo.Storage", "Osmo.Protocol"],
        ["Osmo.Hosting"] = ["Osmo.Storage"],
        ["Osmo.Silo"] = ["Osmo.Grains", "Osmo.Hosting"],
        ["Osmo.Gateway"] = ["Osmo.Grains.Interfaces", "Osmo.Workflows", "Osmo.Storage", "Osmo.Protocol", "Osmo.Hosting"],
        ["Osmo.BackendOperator"] = ["Osmo.Protocol"],
        ["Osmo.Runtime"] = ["Osmo.Protocol"],
        ["Osmo.Cli"] = ["Osmo.Protocol", "Osmo.Workflows"],
        ["Osmo.Standalone"] = ["Osmo.Silo", "Osmo.Gateway", "Osmo.BackendOperator", "Osmo.Runtime", "Osmo.Cli"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_OfAProject_StandBehindIt(string project)
    {
        var references = References(Path.Combine(Repository.Root, project, $"{project}.csproj"));

        Assert.Empty(references.Except(Allowed[project]));
    }

    [Fact]
    public void Projects_InTheTree_AreAllInThePicture()
    {
        var found = Directory.EnumerateDirectories(Repository.Root, "Osmo.*").Select(Path.GetFileName);

        Assert.Equal(Allowed.Keys.Order(), found.Order());
    }

    [Theory]
    [InlineData("Osmo.Workflows")]
    [InlineData("Osmo.Protocol")]
    [InlineData("Osmo.BackendOperator")]
    [InlineData("Osmo.Runtime")]
    [InlineData("Osmo.Cli")]
    [InlineData("Osmo.Storage")]
    public void ActorEngine_OutsideOfGrainsAndTheirCallers_IsUnknown(string project)
    {
        var file = File.ReadAllText(Path.Combine(Repository.Root, project, $"{project}.csproj"));

        Assert.DoesNotContain("UsesActorEngine", file);
        Assert.DoesNotContain("Orleans", file);
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
}
