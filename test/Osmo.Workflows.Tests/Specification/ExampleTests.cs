using System.Runtime.CompilerServices;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>
/// The complete examples of the contract and their stored form (contract: workflow-spec §14), one file each: the submitted text, a line
/// <c>---</c>, and what is stored. Durations are stored in one unit, so that the result can be submitted again.
/// </summary>
public sealed class ExampleTests
{
    public static TheoryData<string> Examples =>
        [.. Directory.EnumerateFiles(Folder(), "*.yaml").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(
            StringComparer.Ordinal)];

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Examples");

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_IsStoredAsTheContractSays(string name)
    {
        var (submitted, stored) = Load(name);
        var spec = AcceptForMain(submitted);

        Assert.Equal(YamlWriter.Write(Assert.IsType<YamlReadResult.Read>(YamlReader.Read(stored)).Root), YamlWriter.Write(
            Assert.IsType<YamlReadResult.Read>(YamlReader.Read(SpecWriter.ToYaml(spec))).Root));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_StoredForm_CanBeSubmittedAgain(string name)
    {
        var stored = SpecWriter.ToYaml(AcceptForMain(Load(name).Submitted));
        Assert.Equal(stored, SpecWriter.ToYaml(AcceptForMain(stored)));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_Json_ReadsBackAsTheSame(string name)
    {
        var json = SpecJson.Write(AcceptForMain(Load(name).Submitted));
        Assert.Equal(json, SpecJson.Write(SpecJson.Read(json)));
    }

    private static WorkflowSpec AcceptForMain(string text) => MainPool.Read(text) switch
    {
        SpecOutcome.Accepted accepted => accepted.Spec,
        var other => throw new Xunit.Sdk.XunitException($"{other}"),
    };

    private static (string Submitted, string Stored) Load(string name)
    {
        var parts = File.ReadAllText(Path.Combine(Folder(), name + ".yaml")).Split("\n---\n");
        return (parts[0] + "\n", parts[1]);
    }
}
