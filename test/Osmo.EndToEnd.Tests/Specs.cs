using System.Text.Json;

namespace Osmo.EndToEnd.Tests;

/// <summary>Workflow specifications.</summary>
internal static class Specs
{
    /// <summary>One task that runs a shell script.</summary>
    public static string Script(string name, string script) => $"""
        workflow:
          name: {name}
          tasks:
        {Task("main", script)}
        """;

    /// <summary>Tasks one after the other; each says <c>done</c> with its name.</summary>
    public static string Chain(string name, int tasks) => $"""
        workflow:
          name: {name}
          tasks:
        {string.Join('\n', Enumerable.Range(1, tasks).Select(number =>
            Task($"step-{number}", $"echo done step-{number}", number == 1 ? [] : [$"step-{number - 1}"])))}
        """;

    /// <summary>Five tasks: one splits, three work, one joins.</summary>
    public static string Diamond(string name, string label) => $$$"""
        workflow:
          name: {{{name}}}
          labels:
            team: {{{label}}}
          tasks:
        {{{Task("split", "echo 7 > {{output}}/number.txt; echo split")}}}
        {{{Task("work-1", "cp {{input:0}}/number.txt {{output}}/", ["split"])}}}
        {{{Task("work-2", "cp {{input:0}}/number.txt {{output}}/", ["split"])}}}
        {{{Task("work-3", "cp {{input:0}}/number.txt {{output}}/", ["split"])}}}
        {{{Task("join", "cat {{input:0}}/* {{input:1}}/* {{input:2}}/* | paste -sd+", ["work-1", "work-2", "work-3"])}}}
        """;

    private static string Task(string name, string script, params string[] inputs) => $"""
          - name: {name}
            image: ubuntu:24.04
            command: [sh, -c]
            args: [{JsonSerializer.Serialize(script)}]
            inputs: [{string.Join(", ", inputs.Select(input => $"{{task: {input}}}"))}]
        """;
}
