using System.Text;
using Osmo.Simulation.Faults;

namespace Osmo.Simulation.Users;

/// <summary>Random specifications in the workflow language: chains, diamonds and islands of groups, leads, barriers, exit actions, limits, templates.</summary>
internal sealed class WorkflowGenerator(Dice dice)
{
    private const int GroupsMax = 5;
    private const int MembersMax = 4;

    public string Next()
    {
        var text = new StringBuilder("workflow:\n");
        text.Append(dice.Once(0.2) ? "  name: '{{ kind }}-{{ 1 + 1 }}'\n" : $"  name: {dice.Of("train", "eval", "sweep")}\n");
        text.Append($"  timeout: {{exec_timeout: {dice.Between(60, 240)}s, queue_timeout: {dice.Between(60, 180)}s}}\n");
        if (dice.Once(0.02)) text.Append("  nonsense: true\n");

        var groups = dice.Between(1, GroupsMax);
        if (dice.Once(0.4)) Tasks(text, groups);
        else Groups(text, groups);

        if (text.ToString().Contains("{{", StringComparison.Ordinal)) text.Append("default-values:\n  kind: templated\n");
        return text.ToString();
    }

    /// <summary>Each task is a group of its own.</summary>
    private void Tasks(StringBuilder text, int count)
    {
        text.Append("  tasks:\n");
        var earlier = new List<string>();
        for (var number = 1; number <= count; number++)
        {
            Task(text, "  ", $"t{number}", lead: false, earlier);
            earlier.Add($"t{number}");
        }
    }

    private void Groups(StringBuilder text, int count)
    {
        text.Append("  groups:\n");
        var earlier = new List<string>();
        for (var number = 1; number <= count; number++)
        {
            text.Append($"  - name: g{number}\n");
            if (dice.Once(0.5)) text.Append($"    barrier: {(dice.Once(0.5) ? "true" : "false")}\n");
            if (dice.Once(0.5)) text.Append($"    ignoreNonleadStatus: {(dice.Once(0.5) ? "true" : "false")}\n");
            text.Append("    tasks:\n");
            var members = dice.Between(1, MembersMax);
            for (var member = 1; member <= members; member++) Task(text, "    ", $"t{number}-{member}", lead: member == 1, earlier);

            earlier.AddRange(Enumerable.Range(1, members).Select(member => $"t{number}-{member}"));
        }
    }

    private void Task(StringBuilder text, string indent, string name, bool lead, List<string> earlier)
    {
        text.Append($"{indent}- name: {name}\n{indent}  image: 'ubuntu:24.04'\n{indent}  command: ['true']\n");
        if (lead) text.Append($"{indent}  lead: true\n");
        if (dice.Once(0.5)) text.Append($"{indent}  exitActions: {{{dice.Of("COMPLETE: '10-19'", "FAIL: '20-29,3004'", "RESCHEDULE: '30-39,3001-3006'", "COMPLETE: '12', RESCHEDULE: '1,35,137,3003-3006'")}}}\n");

        var inputs = earlier.Where(_ => dice.Once(0.5)).Take(3).ToList();
        if (inputs.Count > 0) text.Append($"{indent}  inputs: [{string.Join(", ", inputs.Select(input => $"{{task: {input}}}"))}]\n");
    }
}
