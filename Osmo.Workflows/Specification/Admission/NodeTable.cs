using System.Collections.Immutable;
using System.Text;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>Nodes and why each one cannot take a task, as the client prints it (contract: workflow-spec §8.4).</summary>
internal static class NodeTable
{
    /// <summary>More nodes are counted, not listed.</summary>
    public const int MaxNodes = 100;

    private const string Gap = "   ";

    private static readonly string[] Header = ["node", "pool/platform", "storage", "cpu", "memory", "gpu", "cuda-driver", "reason"];

    public static string Write(ImmutableArray<NodeCandidate> nodes, Func<NodeCandidate, string> reason)
    {
        var rows = nodes.Take(MaxNodes).Select(node => (string[])
        [
            node.Name, $"[{string.Join(", ", node.PoolPlatforms.Select(name => $"'{name}'"))}]",
            node.Shown.Storage, node.Shown.Cpu, node.Shown.Memory, node.Shown.Gpu, "-", reason(node),
        ]).Prepend(Header).ToList();
        var widths = Header.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        var table = new StringBuilder();
        for (var i = 0; i < rows.Count; i++)
        {
            table.AppendJoin(Gap, rows[i].Select((cell, column) => cell.PadRight(widths[column]))).Append('\n');
            if (i == 0)
            {
                table.Append('=', widths.Sum() + (Gap.Length * (widths.Length - 1))).Append('\n');
            }
        }

        if (nodes.Length > MaxNodes)
        {
            table.Append("… and ").Append(nodes.Length - MaxNodes).Append(" more\n");
        }

        return table.ToString().TrimEnd('\n');
    }
}
