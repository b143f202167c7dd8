using System.Text.RegularExpressions;
using Osmo.Gateway;
using Osmo.Silo;

namespace Osmo.Hosting.Tests;

/// <summary>The table in docs/operations.md says what the programs read, no more and no less.</summary>
public partial class SettingsTableTests
{
    /// <summary>Depends on the machine; the table says how.</summary>
    private const string PerProcessor = "Osmo:Gateway:ConcurrentSubmissions";

    [Fact]
    public void Table_HasEverySettingWithItsDefault()
    {
        var documented = Row().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "operations.md")))
            .ToDictionary(row => row.Groups["name"].Value, row => row.Groups["value"].Value);
        var settings = ServiceSettings.Sections.AddRange(SiloProgram.Sections).AddRange(GatewayProgram.Sections).SelectMany(section => section.Settings()).ToList();

        Assert.Equal(settings.Select(setting => setting.Name).Order(), documented.Keys.Order());
        Assert.All(
            settings.Where(setting => setting.Name != PerProcessor),
            setting => Assert.Equal($"{setting.Name} {(setting.Default is { } value ? $"`{value}`" : "–")}", $"{setting.Name} {documented[setting.Name]}"));
    }

    [GeneratedRegex(@"^\| `(?<name>Osmo:[A-Za-z:]+)` \| (?<value>[^|]+) \|", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Row();
}
