using System.Text;
using Microsoft.Extensions.Options;
using Osmo.Gateway.Meta;
using Osmo.Workflows.Configuration;

namespace Osmo.Gateway.Conventions;

/// <summary>Turns clients away that are too old, and warns those that are old (contract: api-rest §5).</summary>
internal sealed class VersionGate(ConfigurationCache configuration, IOptions<GatewayOptions> options)
{
    public const string ClientVersionHeader = "x-osmo-client-version";
    public const string ServiceVersionHeader = "x-osmo-service-version";
    public const string WarningHeader = "x-osmo-warning";

    public async Task Apply(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Headers.TryGetValue(ClientVersionHeader, out var values))
        {
            await next(context);
            return;
        }

        var text = values.ToString();
        if (!ClientVersion.TryParse(text, out var client))
        {
            await Answers
                .Refused(ErrorCodes.Other, $"Header {ClientVersionHeader} is '{text}'; it must be major.minor.revision[.hash].")
                .ExecuteAsync(context);
            return;
        }

        if (!context.Request.Path.StartsWithSegments("/client"))
        {
            var cli = (await configuration.Get(context.RequestAborted)).Snapshot.Service.CliConfig;
            var newest = Newest(cli);
            if (client < newest)
            {
                if (ClientVersion.TryParse(cli.MinSupportedVersion, out var oldest) && client < oldest)
                {
                    await Answers.Refused(ErrorCodes.Other, Message(client, newest, cli)).ExecuteAsync(context);
                    return;
                }

                context.Response.Headers[ServiceVersionHeader] = newest.ToString();
                context.Response.Headers[WarningHeader] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Message(client, newest, cli)));
            }
        }

        await next(context);
    }

    /// <summary>The newest client there is.</summary>
    public ClientVersion Newest(CliConfig cli)
    {
        return ClientVersion.TryParse(cli.LatestVersion, out var latest) ? latest : options.Value.Version;
    }

    private static string Message(ClientVersion client, ClientVersion newest, CliConfig cli)
    {
        var hint = string.IsNullOrEmpty(cli.ClientInstallUrl)
            ? "Please update it."
            : $"Please run: curl -fsSL {cli.ClientInstallUrl} | bash";
        return $"Your client is out of date. Client version is {client} but the newest client version is {newest}.\n{hint}";
    }
}
