using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Osmo.Workflows.Tests.Templates.Jinja;

/// <summary>Jinja2 itself: the package <c>python3-jinja2</c> of the machine's own Python.</summary>
internal static class JinjaReference
{
    private const string Python = "/usr/bin/python3";

    private static readonly Lazy<string?> Missing = new(FindMissing);

    /// <summary>Null where Jinja2 is installed.</summary>
    public static string? SkipReason => Missing.Value;

    /// <summary>Renders all templates in one process; variables are new for each.</summary>
    public static async Task<IReadOnlyList<JinjaResult>> Render(IReadOnlyList<string> templates, JsonObject variables)
    {
        await using var script = typeof(JinjaReference).Assembly.GetManifestResourceStream("render.py")!;
        using var reader = new StreamReader(script);
        using var process = Start(await reader.ReadToEndAsync());
        var request = new JsonObject
        {
            ["variables"] = variables.DeepClone(),
            ["templates"] = new JsonArray([.. templates.Select(template => JsonValue.Create(template))]),
        };
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(request.ToJsonString());
        process.StandardInput.Close();
        var results = await output;
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? [.. JsonNode.Parse(results)!.AsArray().Select(result => new JinjaResult((string)result![0]!, (string)result[1]!, (int)result[2]!))]
            : throw new InvalidOperationException(await errors);
    }

    private static string? FindMissing()
    {
        if (!File.Exists(Python))
        {
            return $"{Python} is not there to compare with.";
        }

        using var process = Start("import jinja2");
        process.StandardInput.Close();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : "Jinja2 is not there to compare with: install python3-jinja2.";
    }

    private static Process Start(string script) => Process.Start(new ProcessStartInfo(Python, ["-c", script])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}

/// <param name="Kind"><c>ok</c>, the name of an exception of Jinja's, or <c>other</c>.</param>
/// <param name="Text">What was printed, or the message.</param>
/// <param name="Line">Of syntax errors.</param>
internal sealed record JinjaResult(string Kind, string Text, int Line);

/// <summary>A fact that needs Jinja2, skipped with the reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class JinjaFactAttribute : FactAttribute
{
    public JinjaFactAttribute() => Skip = JinjaReference.SkipReason;
}

/// <summary>A theory that needs Jinja2, skipped with the reason where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class JinjaTheoryAttribute : TheoryAttribute
{
    public JinjaTheoryAttribute() => Skip = JinjaReference.SkipReason;
}
