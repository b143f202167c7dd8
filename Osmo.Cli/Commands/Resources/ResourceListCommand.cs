using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Nodes;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Resources;

/// <summary><c>osmo resource list</c> (contract: cli §22).</summary>
internal sealed class ResourceListCommand : ServiceCommand
{
    private readonly WordsOption _pools = new("--pool", "-p", WordsKind.LastList, "Display resources for specified pool.");
    private readonly WordsOption _platforms = new("--platform", null, WordsKind.LastList, "Display resources for specified platform.");
    private readonly Option<bool> _all = new("--all", "-a") { Description = "Show all resources from all pools." };
    private readonly FormatOption _format = new();
    private readonly Option<string?> _mode = Choices.OneOf("--mode", "-m", "Show free or used resources (Default used).", "free", "used");

    public ResourceListCommand(Surroundings surroundings)
        : base("list", "List service resources.", surroundings)
    {
        Add(_pools);
        Add(_platforms);
        Add(_all);
        Add(_format);
        Add(_mode);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var isAll = arguments.GetValue(_all);
        var pools = await Pools(arguments, service, isAll, cancellation);
        await Check(pools, service, cancellation);

        var query = QueryString.Empty.WithAll("pools", pools).With("all_pools", isAll).WithAll("platforms", _platforms.In(arguments));
        var answer = await service.Get("api/resources", query, cancellation);
        if (FormatOption.AsksForJson(arguments))
        {
            WriteLine(JsonText.Of(answer, indent: 4));
        }
        else if (answer.List("resources").ToList() is { Count: > 0 } nodes)
        {
            Table(nodes, arguments.GetValue(_mode) == "free").WriteTo(Output);
        }
        else
        {
            WriteLine("There are no available resources.");
        }

        return ExitCodes.Success;
    }

    /// <summary>The pools named, or that of the profile. Who wants all pools needs none.</summary>
    private async Task<ImmutableArray<string>> Pools(ParseResult arguments, OsmoClient service, bool isAll, CancellationToken cancellation)
    {
        var named = _pools.In(arguments);
        return !named.IsEmpty ? named
            : !isAll ? [await ProfilePool.Get(service, cancellation)]
            : await ProfilePool.Find(service, cancellation) is { } pool ? [pool] : [];
    }

    private static async Task Check(ImmutableArray<string> pools, OsmoClient service, CancellationToken cancellation)
    {
        var known = (await service.Get("api/pool", QueryString.Empty, cancellation))?["pools"] as JsonObject;
        if (pools.FirstOrDefault(pool => known?.ContainsKey(pool) != true) is { } unknown)
        {
            throw new CommandException($"Pool {unknown} does not exist!");
        }
    }

    private static Table Table(List<JsonNode> nodes, bool isFree)
    {
        var sums = new NodeAmount[NodeAmounts.Resources.Length];
        var table = new Table(["Node", "Pool", "Platform", "Type", .. NodeAmounts.Resources.Select(resource => resource.Title)]);
        foreach (var node in nodes)
        {
            foreach (var (index, place) in Place.Of(node).Index())
            {
                var amounts = NodeAmounts.Of(node, place.Pool, place.Platform);
                var (name, type) = index == 0 ? (node["exposed_fields"].Cell("node"), node.Cell("resource_type")) : ("", "");
                table.Add([name, place.Pool, place.Platform, type, .. amounts.Select(amount => amount.Show(isFree))]);

                // The other rows of a node show the same resources again.
                sums = index == 0 ? [.. sums.Zip(amounts, (sum, amount) => sum + amount)] : sums;
            }
        }

        table.Sum = ["", "", "", "", .. sums.Select(sum => sum.Show(isFree))];
        return table;
    }
}
