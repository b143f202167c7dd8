using System.Text.RegularExpressions;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>A kind of workflow with its one right end, and the lines its log must have: each exactly once.</summary>
internal sealed partial record Work(string Spec, string Status, int Tasks)
{
    private const int Lines = 40;

    private const int TasksMax = 3;

    private const string ExitCodeAtEnd = "exit 3";

    public static Work Random(Random random, int number)
    {
        var tasks = random.Next(1, TasksMax + 1);
        var fails = random.Next(5) == 0;
        var steps = Enumerable.Range(1, tasks).Select(step => Task(step, fails && step == tasks));
        return new Work($"workflow:\n  name: load-{number}\n  tasks:\n{string.Join('\n', steps)}", fails ? "FAILED" : "COMPLETED", tasks);
    }

    /// <summary>What is wrong with the workflow's end; null when nothing is.</summary>
    public async Task<string?> Fault(User user, string id)
    {
        var status = await user.Status(id);
        if (status != Status)
        {
            return $"{id} ended {status}, not {Status}";
        }

        var said = (await user.Log(id)).Select(line => Said().Match(line)).Where(match => match.Success)
            .GroupBy(match => match.Value).ToDictionary(line => line.Key, line => line.Count(), StringComparer.Ordinal);
        for (var step = 1; step <= Tasks; step++)
        {
            for (var line = 1; line <= Lines; line++)
            {
                if (said.GetValueOrDefault($"step {step} line {line} .") is var times and not 1)
                {
                    return $"{id}: line {line} of step {step} is in the log {times} times";
                }
            }
        }

        return null;
    }

    private static string Task(int number, bool fails) => $"""
          - name: step-{number}
            image: ubuntu:24.04
            command: [sh, -c]
            args: ["for i in $(seq {Lines}); do echo step {number} line $i .; sleep 0.02; done; {(fails ? ExitCodeAtEnd : "true")}"]
            inputs: [{(number == 1 ? "" : $"{{task: step-{number - 1}}}")}]
        """;

    [GeneratedRegex(@"step \d+ line \d+ \.", RegexOptions.CultureInvariant)]
    private static partial Regex Said();
}
