using System.CommandLine;
using System.Text.Json.Nodes;
using Osmo.Cli.Client;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Resources;

/// <summary><c>osmo resource info</c> (contract: cli §22).</summary>
internal sealed class ResourceInfoCommand : ServiceCommand
{
    private readonly Argument<string> _node = new("node_name") { Description = "Name of node." };
    private readonly Option<string?> _pool =
        new("--pool", "-p") { Description = "Specify the pool to see specific allocatable and configurations." };
    private readonly Option<string?> _platform =
        new("--platform", "-pl") { Description = "Specify the platform to see specific allocatable and configurations." };

    public ResourceInfoCommand(Surroundings surroundings)
        : base("info", "Get resource allocatable and configurations of a node.", surroundings)
    {
        Add(_node);
        Add(_pool);
        Add(_platform);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var name = arguments.GetRequiredValue(_node);
        var wanted = (arguments.GetValue(_pool), arguments.GetValue(_platform)) switch
        {
            (null, null) => null,
            ({ } pool, { } platform) => new Place(pool, platform),
            _ => throw new CommandException("Pool and platform must be specified at the same time."),
        };
        var answer = await service.Get($"api/resources/{Uri.EscapeDataString(name)}", QueryString.Empty, cancellation);
        var nodes = answer.List("resources").ToList();
        if (nodes.Count == 0)
        {
            WriteLine($"{name} is not a resource.");
        }
        else if (wanted is null && nodes.Count > 1)
        {
            var places = string.Join(", ", nodes.SelectMany(node => Place.Of(node)));
            WriteLine($"There are {nodes.Count} nodes of the name {name}. Choose one with --pool and --platform: {places}");
        }
        else if (Choose(nodes, wanted) is var (chosen, place))
        {
            Write(name, chosen, place);
        }
        else
        {
            WriteLine(
                wanted is null ? $"{name} is in no pool." : $"Node {name} is not in pool {wanted.Pool} and platform {wanted.Platform}");
        }

        return ExitCodes.Success;
    }

    /// <summary>The node that is in the wanted place, or the first place there is.</summary>
    private static (JsonNode Node, Place Place)? Choose(List<JsonNode> nodes, Place? wanted)
    {
        var places = nodes.SelectMany(node => Place.Of(node), (node, place) => (Node: node, Place: place))
            .Where(found => wanted is null || found.Place == wanted);
        return places.Select(found => ((JsonNode, Place)?)found).FirstOrDefault();
    }

    private void Write(string name, JsonNode node, Place place)
    {
        WriteLine($"\nResource Name: {name}\n\nPool Specification:\n");
        var table = new Table("Pool", "Platform");
        foreach (var each in Place.Of(node))
        {
            table.Add(each.Pool, each.Platform);
        }

        table.WriteTo(Output);
        WriteLine($"\n* (Using configuration for {place}):");
        WriteTitle("Resource Capacity");
        foreach (var (resource, amount) in NodeAmounts.Resources.Zip(NodeAmounts.Of(node, place.Pool, place.Platform)))
        {
            WriteLine($"{resource.Field}: {amount.Capacity}{resource.Unit}");
        }

        var configuration = node["config_fields"]?[place.Pool]?[place.Platform];
        WriteLine("");
        WriteTitle("Task Configurations");
        WriteLine($"Host Network Allowed: {configuration.Cell("host_network")}");
        WriteLine($"Privileged Mode Allowed: {configuration.Cell("privileged")}");
        WriteMounts("Default Mounts:", configuration, "default_mounts");
        WriteMounts("Allowed Mounts:", configuration, "allowed_mounts");
        WriteLine("");
    }

    private void WriteTitle(string title) => WriteLine($"{title}\n{new string('-', title.Length)}");

    private void WriteMounts(string title, JsonNode? configuration, string field)
    {
        WriteLine(title);
        foreach (var mount in configuration?[field] is JsonArray mounts ? mounts : [])
        {
            WriteLine($"- {JsonCells.Cell(mount)}");
        }

        WriteLine("");
    }
}
