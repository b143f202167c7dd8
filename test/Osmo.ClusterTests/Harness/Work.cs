using System.Text.RegularExpressions;
using Osmo.ClusterTests.Processes;

namespace Osmo.ClusterTests.Harness;

/// <summary>A kind of workflow with its one right end: tasks one after the other, of which the last may fail.</summary>
/// <param name="Operator">Whose pool it goes to; null: the pool of this machine, whose tasks are processes that write to the log.</param>
internal sealed partial record Work(string Pool, int? Operator, string Spec, string Status, int Tasks)
{
    private const int Lines = 40;

    private const int TasksMax = 3;

    private const int FailsOneIn = 5;

    private const string ExitCodeAtEnd = "exit 3";

    /// <summary>For a pool whose pods end at once.</summary>
    public static Work Quick(Random random, int number, int operators)
    {
        var owner = random.Next(1, operators + 1);
        return Make(random, Cluster.QuickPool(owner), owner, $"quick-{number}", (_, _) => "true");
    }

    /// <summary>For this machine.</summary>
    public static Work Real(Random random, int number) => Make(
        random,
        "default",
        owner: null,
        $"real-{number}",
        (step, fails) => $"for i in $(seq {Lines}); do echo step {step} line $i .; sleep 0.02; done; {(fails ? ExitCodeAtEnd : "true")}");

    /// <summary>What is wrong with the log; null when every line of every task is in it exactly once.</summary>
    public async Task<string?> LogFault(User user, string id)
    {
        if (Operator is not null)
        {
            return null;
        }

        var said = (await user.Log(id)).Select(line => Said().Match(line)).Where(match => match.Success)
            .GroupBy(match => match.Value).ToDictionary(line => line.Key, line => line.Count(), StringComparer.Ordinal);
        return (from step in Enumerable.Range(1, Tasks)
                from line in Enumerable.Range(1, Lines)
                let times = said.GetValueOrDefault($"step {step} line {line} .")
                where times != 1
                select $"I1: line {line} of step {step} of {id} is in the log {times} times").FirstOrDefault();
    }

    private static Work Make(Random random, string pool, int? owner, string name, Func<int, bool, string> script)
    {
        var tasks = random.Next(1, TasksMax + 1);
        var fails = random.Next(FailsOneIn) == 0;
        var names = Enumerable.Range(1, tasks).Select(step => $"step-{step}{(fails && step == tasks ? QuickNodes.Failing : "")}").ToList();
        var steps = names.Select((task, index) => $"""
              - name: {task}
                image: ubuntu:24.04
                command: [sh, -c]
                args: ["{script(index + 1, fails && index == tasks - 1)}"]
                inputs: [{(index == 0 ? "" : $"{{task: {names[index - 1]}}}")}]
            """);
        return new Work(pool, owner, $"workflow:\n  name: {name}\n  tasks:\n{string.Join('\n', steps)}", fails ? "FAILED" : "COMPLETED", tasks);
    }

    [GeneratedRegex(@"step \d+ line \d+ \.", RegexOptions.CultureInvariant)]
    private static partial Regex Said();
}
