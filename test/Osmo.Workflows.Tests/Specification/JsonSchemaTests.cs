using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Tests.Specification;

public sealed class JsonSchemaTests
{
    /// <summary>Set to 1 to write the file instead of comparing it.</summary>
    private const string UpdateVariable = "OSMO_UPDATE_SCHEMA";

    [Fact]
    public void Schema_CheckedInFile_IsNotStale()
    {
        var path = Path.GetFullPath(Path.Combine(Folder(), "..", "..", "..", "docs", "schema", "workflow.schema.json"));
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, SpecJsonSchema.Write());
        }

        Assert.True(File.ReadAllText(path) == SpecJsonSchema.Write(), $"{path} is stale; run the tests once with {UpdateVariable}=1.");
    }

    [Fact]
    public void Schema_References_LeadSomewhere()
    {
        var schema = JsonNode.Parse(SpecJsonSchema.Write())!.AsObject();
        var definitions = schema["$defs"]!.AsObject();
        Assert.Contains("task", definitions.Select(definition => definition.Key));
        Assert.All(References(schema), reference => Assert.True(
            definitions.ContainsKey(reference.Replace("#/$defs/", "", StringComparison.Ordinal)), reference));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(member => member.Key == "$ref" ? [member.Value!.GetValue<string>()] : References(member.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
