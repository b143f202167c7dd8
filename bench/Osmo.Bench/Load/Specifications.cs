using System.Text;
using System.Text.Json;

namespace Osmo.Bench.Load;

/// <summary>Bodies of submits.</summary>
internal static class Specifications
{
    /// <summary>Tasks that wait for one another: as many groups as tasks.</summary>
    public static ReadOnlyMemory<byte> Chain(int tasks, string name) => Body(ChainText(tasks, name));

    /// <summary>The same as it stands in a file.</summary>
    public static string ChainText(int tasks, string name)
    {
        var text = new StringBuilder($"workflow:\n  name: {name}\n  tasks:\n");
        for (var n = 0; n < tasks; n++)
        {
            Task(text, "  ", n);
            if (n > 0) text.Append($"    inputs:\n    - task: task-{n - 1}\n");
        }
        return text.ToString();
    }

    /// <summary>One group of tasks that run at the same time.</summary>
    public static ReadOnlyMemory<byte> Gang(int tasks, string name)
    {
        var text = new StringBuilder($"workflow:\n  name: {name}\n  groups:\n  - name: gang\n    tasks:\n");
        for (var n = 0; n < tasks; n++) Task(text, "    ", n, n == 0 ? "lead: true" : null);
        return Body(text.ToString());
    }

    private static void Task(StringBuilder text, string indent, int number, string? more = null)
    {
        text.Append($"{indent}- name: task-{number}\n{indent}  image: ubuntu:24.04\n{indent}  command: [python3, -u]\n{indent}  args: [/tmp/run.py, --step, \"{number}\"]\n");
        text.Append($"{indent}  environment:\n{indent}    MODE: train\n{indent}  files:\n{indent}  - path: /tmp/run.py\n{indent}    contents: |\n");
        for (var line = 0; line < 8; line++) text.Append($"{indent}      print('step {line} of the work that this task does')\n");
        if (more is not null) text.Append($"{indent}  {more}\n");
    }

    private static ReadOnlyMemory<byte> Body(string text) =>
        JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["file"] = text });
}
