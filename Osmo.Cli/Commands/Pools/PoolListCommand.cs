using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Nodes;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Pools;

/// <summary><c>osmo pool list</c> (contract: cli §21).</summary>
internal sealed class PoolListCommand : ServiceCommand
{
    private const string Shared = " (shared)";

    private static readonly ImmutableArray<(string Title, string Field)> Used =
    [
        ("Quota Used", "quota_used"), ("Quota Limit", "quota_limit"), ("Total Usage", "total_usage"), ("Total Capacity", "total_capacity"),
    ];

    private static readonly ImmutableArray<(string Title, string Field)> Free =
        [("Quota Free", "quota_free"), ("Total Free", "total_free")];

    private readonly WordsOption _pools = new("--pool", "-p", WordsKind.LastList, "Display resources for specified pool.");
    private readonly FormatOption _format = new();
    private readonly Option<string?> _mode = Choices.OneOf("--mode", "-m", "Show free or used resources (Default used).", "free", "used");

    public PoolListCommand(Surroundings surroundings)
        : base("list", "List resources for all available pools in the service.", surroundings)
    {
        Add(_pools);
        Add(_format);
        Add(_mode);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var pools = _pools.In(arguments);
        var query = QueryString.Empty.WithAll("pools", pools).With("all_pools", pools.IsEmpty);
        var answer = await service.Get("api/pool_quota", query, cancellation);
        if (FormatOption.AsksForJson(arguments))
        {
            WriteLine(JsonText.Of(answer, indent: 4));
        }
        else if (answer.List("node_sets").ToList() is { Count: > 0 } nodeSets)
        {
            Table(nodeSets, answer?["resource_sum"], arguments.GetValue(_mode) == "free" ? Free : Used).WriteTo(Output);
        }
        else
        {
            WriteLine(pools.IsEmpty ? "No pools available" : $"Pools {string.Join(", ", pools)} not found");
        }

        return ExitCodes.Success;
    }

    private static Table Table(List<JsonNode> nodeSets, JsonNode? sum, ImmutableArray<(string Title, string Field)> columns)
    {
        var table = new Table(["Pool", "Description", "Status", "GPU [#]", .. columns.Skip(1).Select(_ => "")])
        {
            SecondHeader = ["", "", "", .. columns.Select(column => column.Title)],
            Sum = ["", "", "", .. columns.Select(column => sum.Cell(column.Field))],
        };
        foreach (var (index, pool) in nodeSets.SelectMany(nodeSet => nodeSet.List("pools").Index()))
        {
            // Pools of one node set share its nodes; only the first may claim them.
            var cells = columns.Select(column => pool["resource_usage"].Cell(column.Field)).ToArray();
            cells[^1] += index > 0 ? Shared : "";
            table.Add([pool.Cell("name"), pool.Cell("description"), pool.Cell("status"), .. cells]);
        }

        return table;
    }
}
