using System.CommandLine;
using System.Text.Json.Nodes;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Login;
using Osmo.Cli.Output;

namespace Osmo.Cli.Commands.Session;

/// <summary><c>osmo version</c>: the client's version always, the service's when it can be had (contract: cli §11).</summary>
internal sealed class VersionCommand : Command
{
    private readonly Surroundings _surroundings;
    private readonly FormatOption _format = new();

    public VersionCommand(Surroundings surroundings)
        : base("version", "Command to show client version.")
    {
        _surroundings = surroundings;
        Add(_format);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult arguments, CancellationToken cancellation)
    {
        var client = Version.Parse(OsmoClient.Version);
        var versions = new JsonObject
        {
            ["client"] = new JsonObject
            {
                ["major"] = $"{client.Major}",
                ["minor"] = $"{client.Minor}",
                ["revision"] = $"{client.Build}",
                ["hash"] = "",
            },
        };
        if (FormatOption.AsksForJson(arguments))
        {
            if (await OfService(arguments, cancellation) is { } service)
            {
                versions["service"] = service;
            }

            _surroundings.Output.Write($"{JsonText.Of(versions, indent: 4)}\n");
            return ExitCodes.Success;
        }

        _surroundings.Output.Write($"OSMO client version:  {OsmoClient.Version}\n");
        await _surroundings.Output.FlushAsync(cancellation);
        if (await OfService(arguments, cancellation) is { } found)
        {
            var hash = found.Text("hash") is { Length: > 0 } text ? "." + text : "";
            _surroundings.Output.Write(
                $"OSMO service version: {found.Cell("major")}.{found.Cell("minor")}.{found.Cell("revision")}{hash}\n");
        }

        return ExitCodes.Success;
    }

    /// <summary>Null when nobody is logged in, or the service is away or refuses.</summary>
    /// <exception cref="OsmoClientException">The service failed.</exception>
    private async Task<JsonNode?> OfService(ParseResult arguments, CancellationToken cancellation)
    {
        var file = new LoginFile(_surroundings.ConfigDirectory);
        if (file.Read() is not { } state)
        {
            return null;
        }

        try
        {
            var service = Service.Of(arguments, _surroundings, state, file, announcesVersion: false, retries: 0);
            return await service.Get("api/version", QueryString.Empty, cancellation);
        }
        catch (OsmoClientException error) when (error.Status is null or { } and < System.Net.HttpStatusCode.InternalServerError)
        {
            return null;
        }
    }
}
