using System.CommandLine;
using System.Text.Json.Nodes;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Login;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Profiles;

/// <summary><c>osmo profile list</c> (contract: cli §23).</summary>
internal sealed class ProfileListCommand : ServiceCommand
{
    private readonly FormatOption _format = new();

    public ProfileListCommand(Surroundings surroundings)
        : base("list", "Fetch notification settings.", surroundings) => Add(_format);

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var answer = await service.Get("api/profile/settings", QueryString.Empty, cancellation);
        if (FormatOption.AsksForJson(arguments))
        {
            WriteLine(JsonText.Of(answer, indent: 2));
            return ExitCodes.Success;
        }

        Write(answer, new LoginFile(Surroundings.ConfigDirectory).Read()?.Name ?? "");
        return ExitCodes.Success;
    }

    private void Write(JsonNode? answer, string name)
    {
        var profile = answer?["profile"];
        WriteLine("user:");
        if (name.Length > 0)
        {
            WriteLine($"  name: {name}");
        }

        WriteLine($"  email: {profile.Cell("username")}");
        WriteLine("notifications:");
        WriteLine($"  email: {profile.Cell("email_notification")}");
        WriteLine($"  slack: {profile.Cell("slack_notification")}");
        WriteLine("pool:");
        WriteLine($"  default: {profile.Cell("pool")}");
        WriteLine("  accessible:");
        WriteList(answer.List("pools"), "    ");
        if (answer?["token"] is { } token)
        {
            WriteLine($"token: {token.Cell("name")}");
            if (token.Text("expires_at") is { } expires)
            {
                WriteLine($"  expires_at: {expires.Split('T')[0]}");
            }
        }

        WriteLine("roles:");
        WriteList(answer.List("roles"), "  ");
    }

    private void WriteList(IEnumerable<JsonNode> items, string margin)
    {
        foreach (var item in items)
        {
            WriteLine($"{margin}- {JsonCells.Cell(item)}");
        }
    }
}
