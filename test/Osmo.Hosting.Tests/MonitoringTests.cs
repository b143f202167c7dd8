using System.Text.Json;
using System.Text.RegularExpressions;

namespace Osmo.Hosting.Tests;

/// <summary>Rules and dashboard ask for what the programs measure; a renamed instrument would leave them blind without anybody noticing.</summary>
public partial class MonitoringTests
{
    /// <summary>Of Prometheus itself, of the framework, and of Orleans.</summary>
    private static readonly string[] Foreign = ["up", "http_server_request_duration_seconds", "orleans_catalog_activations"];

    public static TheoryData<string> Files => ["osmo.rules.yaml", "dashboard.json"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Metrics_ThatAreAskedFor_AreMeasured(string file)
    {
        var measured = Instruments().Concat(Foreign).ToHashSet(StringComparer.Ordinal);
        var asked = Metric().Matches(Text(file)).Select(match => Suffix().Replace(match.Value, "")).Distinct().ToList();

        Assert.NotEmpty(asked);
        Assert.Empty(asked.Except(measured));
    }

    [Fact]
    public void Dashboard_HasATitleAndAQueryInEveryPanel()
    {
        using var dashboard = JsonDocument.Parse(Text("dashboard.json"));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();

        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("title").GetString()).Distinct().Count());
        Assert.All(panels, panel => Assert.All(panel.GetProperty("targets").EnumerateArray(), target => Assert.NotEmpty(target.GetProperty("expr").GetString()!)));
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(SourceTree.Root, "k8s", "monitoring", file));

    /// <summary>Names of the instruments in the sources, as the metrics page writes them.</summary>
    private static IEnumerable<string> Instruments() =>
        from folder in Directory.EnumerateDirectories(SourceTree.Root, "Osmo.*")
        from file in Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        from Match match in Instrument().Matches(File.ReadAllText(file))
        let name = match.Groups["name"].Value.Replace('.', '_')
        let unit = match.Groups["unit"].Value switch { "s" => "_seconds", "By" => "_bytes", _ => "" }
        select name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;

    [GeneratedRegex(@"\b(osmo_[a-z_]+|orleans_[a-z_]+|http_server_[a-z_]+|up(?=\{))", RegexOptions.CultureInvariant)]
    private static partial Regex Metric();

    [GeneratedRegex("_(total|bucket|count|sum)$", RegexOptions.CultureInvariant)]
    private static partial Regex Suffix();

    [GeneratedRegex(@"""(?<name>osmo\.[a-z.]+)""(?:, \(\) => \w+)?, ""(?<unit>[^""]*)""", RegexOptions.CultureInvariant)]
    private static partial Regex Instrument();
}
