using System.Text;

namespace Osmo.Workflows.Tests.Templates.Jinja;

/// <summary>The engine prints what Jinja2 prints, and fails as it fails, on thousands of generated templates.</summary>
public class JinjaDifferenceTests
{
    private const int TemplatesPerSeed = 1000;
    private const int DifferencesShown = 10;

    [JinjaTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Render_GeneratedTemplates_AgreeWithJinja(int seed)
    {
        var templates = TemplateGenerator.Generate(seed, TemplatesPerSeed).ToList();
        var variables = Comparison.Values(TemplateGenerator.Variables);

        var expected = await JinjaReference.Render(templates, TemplateGenerator.Variables);

        var differences = templates.Zip(expected)
            .Select(pair => Comparison.Difference(pair.First, Comparison.RenderHere(pair.First, variables), pair.Second))
            .OfType<string>().ToList();
        Assert.True(differences.Count == 0, Report(seed, differences));
    }

    private static string Report(int seed, List<string> differences) =>
        new StringBuilder($"seed {seed}: {differences.Count} of {TemplatesPerSeed} differ\n").AppendJoin('\n', differences.Take(DifferencesShown)).ToString();
}
