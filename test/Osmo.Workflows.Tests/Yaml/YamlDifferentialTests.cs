using System.Text.Json.Nodes;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Tests.Yaml;

/// <summary>Random texts are read as the reference loader reads them (contract: workflow-spec §5).</summary>
public sealed class YamlDifferentialTests
{
    /// <summary>Names another seed, and how many texts of each kind.</summary>
    private const string SeedVariable = "OSMO_YAML_SEED";
    private const string CountVariable = "OSMO_YAML_COUNT";

    private static readonly int Seed = Setting(SeedVariable, 20261121);
    private static readonly int Count = Setting(CountVariable, 4000);

    private const int MaxShown = 20;

    [PythonYamlFact]
    public void Read_RandomScalars_AgreeWithTheReference() =>
        Compare(Enumerable.Range(0, Count).Select(i => new YamlGenerator(Seed + i).ScalarDocument()));

    [PythonYamlFact]
    public void Read_RandomDocuments_AgreeWithTheReference() =>
        Compare(Enumerable.Range(0, Count).Select(i => new YamlGenerator(Seed + i).Document()));

    [PythonYamlFact]
    public void Write_RandomValues_AreReadBackByTheReference()
    {
        var values = Enumerable.Range(0, Count).Select(i => YamlReader.Read(new YamlGenerator(Seed + i).Document()))
            .OfType<YamlReadResult.Read>().Select(read => Literal(read.Root)).ToList();
        foreach (var escapeNonAscii in (bool[])[false, true])
        {
            var texts = values.Select(value => YamlWriter.Write(value, escapeNonAscii)).ToList();
            var read = PythonYaml.Load(texts);
            for (var i = 0; i < texts.Count; i++)
            {
                Assert.Equal(Sorted(Show(values[i])), Sorted(read[i]));
                Assert.Equal(Sorted(Show(values[i])), Sorted(Show(Assert.IsType<YamlReadResult.Read>(YamlReader.Read(texts[i])).Root)));
                Assert.True(!escapeNonAscii || texts[i].All(char.IsAscii), texts[i]);
            }
        }
    }

    /// <summary>Texts of several lines as literal blocks.</summary>
    private static YamlValue Literal(YamlValue value) => value switch
    {
        YamlValue.Text text => text with { Literal = text.Value.Contains('\n', StringComparison.Ordinal) },
        YamlValue.List list => list with { Items = [.. list.Items.Select(Literal)] },
        YamlValue.Map map => map with { Entries = [.. map.Entries.Select(entry => entry with { Value = Literal(entry.Value) })] },
        _ => value,
    };

    /// <summary>Maps are written with sorted keys.</summary>
    private static string Sorted(JsonNode value) => value[0]!.GetValue<string>() switch
    {
        "list" => $"[{string.Join(',', value[1]!.AsArray().Select(item => Sorted(item!)))}]",
        "map" => $"{{{string.Join(',', value[1]!.AsArray().Select(entry => $"{Sorted(entry![0]!)}:{Sorted(entry[1]!)}").Order(StringComparer.Ordinal))}}}",
        _ => value.ToJsonString(),
    };

    private static void Compare(IEnumerable<string> generated)
    {
        var texts = generated.Distinct().ToList();
        var expected = PythonYaml.Load(texts);
        var differences = new List<string>();
        for (var i = 0; i < texts.Count; i++)
        {
            var result = YamlReader.Read(texts[i]);
            var actual = Show(result);
            if (Shape(actual) != Shape(expected[i]) && !IsRefusedOnPurpose(result))
            {
                differences.Add($"--- {System.Text.Json.JsonSerializer.Serialize(texts[i])}\nreference: {expected[i].ToJsonString()}\nhere:      {actual.ToJsonString()}");
            }
        }

        Assert.True(differences.Count == 0,
            $"{differences.Count} of {texts.Count} texts differ (seed {Seed}):\n{string.Join('\n', differences.Take(MaxShown))}");
    }

    private static int Setting(string variable, int standard) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : standard;

    /// <summary>What the reference takes and a specification never holds: values inside themselves, and tags of other types.</summary>
    private static bool IsRefusedOnPurpose(YamlReadResult result) =>
        result is YamlReadResult.Failed failed
        && (failed.Message.EndsWith("stands inside the value it refers to.", StringComparison.Ordinal) || failed.Message.StartsWith(
            "The tag ", StringComparison.Ordinal));

    /// <summary>Messages of errors may differ.</summary>
    private static string Shape(JsonNode value) => value[0]!.GetValue<string>() == "error" ? "error" : value.ToJsonString();

    private static JsonArray Show(YamlReadResult result) => result switch
    {
        YamlReadResult.Read read => Show(read.Root),
        YamlReadResult.Failed failed => ["error", $"{failed.Message} ({failed.Position})"],
        _ => throw new ArgumentOutOfRangeException(nameof(result)),
    };

    private static JsonArray Show(YamlValue value) => value switch
    {
        YamlValue.Null => ["null"],
        YamlValue.Bool flag => ["bool", flag.Value],
        YamlValue.Int number => ["int", number.Value.ToString()],
        YamlValue.Float number => ["float", PythonText.Of(number.Value)],
        YamlValue.Text text => ["text", text.Value],
        YamlValue.Timestamp => ["date"],
        YamlValue.List list => ["list", new JsonArray([.. list.Items.Select(Show)])],
        YamlValue.Map map => ["map", new JsonArray([.. map.Entries.Select(entry => new JsonArray(Show(entry.Key), Show(entry.Value)))])],
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };
}
