using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Osmo.Workflows.Tests.Yaml;

/// <summary>The reference safe loader of YAML 1.1, where this machine has it.</summary>
internal static class PythonYaml
{
    private const string Loader =
        """
        import datetime, json, sys, yaml

        def typed(value):
            if value is None: return ['null']
            if isinstance(value, bool): return ['bool', value]
            if isinstance(value, int): return ['int', str(value)]
            if isinstance(value, float): return ['float', repr(value)]
            if isinstance(value, str): return ['text', value]
            if isinstance(value, (datetime.date, datetime.datetime)): return ['date']
            if isinstance(value, list): return ['list', [typed(item) for item in value]]
            if isinstance(value, dict): return ['map', [[typed(k), typed(v)] for k, v in value.items()]]
            return ['other', type(value).__name__]

        def load(text):
            try:
                return typed(yaml.safe_load(text))
            except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
                return ['error', str(error)]

        json.dump([load(text) for text in json.load(sys.stdin)], sys.stdout)
        """;

    /// <summary>Null, or why the loader cannot be asked.</summary>
    public static string? Missing { get; } = FindMissing();

    /// <summary>What each text is read as: a kind and its value, or <c>["error", why]</c>.</summary>
    public static IReadOnlyList<JsonNode> Load(IReadOnlyList<string> texts) =>
        JsonNode.Parse(Run(Loader, JsonSerializer.Serialize(texts)))!.AsArray().Select(node => node!).ToList();

    private static string? FindMissing()
    {
        try
        {
            Run("import yaml", "");
            return null;
        }
        catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return "python3 with its yaml module is not on this machine; YAML was not compared with it.";
        }
    }

    private static string Run(string script, string input)
    {
        var start = new ProcessStartInfo("python3") { RedirectStandardInput = true, RedirectStandardOutput = true,
            RedirectStandardError = true, ArgumentList = { "-c", script } };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.GetAwaiter().GetResult()
            : throw new InvalidOperationException(errors.GetAwaiter().GetResult());
    }
}

/// <summary>Runs only where <see cref="PythonYaml"/> does.</summary>
internal sealed class PythonYamlFactAttribute : FactAttribute
{
    public PythonYamlFactAttribute() => Skip = PythonYaml.Missing;
}
