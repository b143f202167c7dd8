using System.Globalization;

namespace Osmo.ClusterTests;

/// <summary>Workflow specifications.</summary>
internal static class Specs
{
    /// <summary>Tasks one after the other; each says <c>done</c> with its name, after it has waited.</summary>
    public static string Chain(string name, int tasks, double seconds = 0) => $"""
        workflow:
          name: {name}
          tasks:
        {string.Join('\n', Enumerable.Range(1, tasks).Select(number => Task(number, seconds)))}
        """;

    private static string Task(int number, double seconds) => string.Create(CultureInfo.InvariantCulture, $"""
          - name: step-{number}
            image: ubuntu:24.04
            command: [sh, -c]
            args: ["sleep {seconds}; echo done step-{number}"]
            inputs: [{(number == 1 ? "" : $"{{task: step-{number - 1}}}")}]
        """);
}
