using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Osmo.Gateway.Conventions;

namespace Osmo.Gateway.Identity;

/// <summary>
/// Identity while no authentication is configured: the caller is whoever <c>x-osmo-user</c> says. That is only acceptable where nobody else
/// can connect,
/// so every listener must be on loopback: a start with another is refused, and a connection on another is turned away (contract: auth §12).
/// So are requests that a page of another site sends through the user's browser: see <see cref="CrossSite"/>.
/// </summary>
internal sealed class DevelopmentIdentity(IServer server, IOptions<GatewayOptions> options) : IHostedLifecycleService
{
    private const string UserHeader = "x-osmo-user";
    private const string RolesHeader = "x-osmo-roles";
    private const string PoolsHeader = "x-osmo-allowed-pools";

    /// <summary>Headers by which a proxy would tell who calls; behind this border they mean nothing (contract: auth §2).</summary>
    private static readonly ImmutableArray<string> IdentityHeaders =
        [UserHeader, RolesHeader, PoolsHeader, "x-osmo-token-name", "x-osmo-workflow-id"];

    public async Task Apply(HttpContext context, RequestDelegate next)
    {
        if (context.Connection.LocalIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            await Answers.Detail(StatusCodes.Status403Forbidden, Refusal(address.ToString())).ExecuteAsync(context);
            return;
        }

        if (CrossSite.Complaint(context.Request, options.Value.TunnelHosts) is { } complaint)
        {
            await Answers.Refused(ErrorCodes.User, complaint, status: StatusCodes.Status403Forbidden).ExecuteAsync(context);
            return;
        }

        var headers = context.Request.Headers;
        var user = headers[UserHeader].ToString();
        context.Features.Set(new Caller(
            user.Length == 0 ? options.Value.DevelopmentUser : user,
            user.Length > 0,
            Split(headers[RolesHeader].ToString()),
            Split(headers[PoolsHeader].ToString())));
        foreach (var name in IdentityHeaders)
        {
            headers.Remove(name);
        }

        await next(context);
    }

    /// <summary>Runs once the listeners are bound, before the host counts as started.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [])
        {
            if (!IsLocal(address))
            {
                throw new InvalidOperationException(Refusal(address));
            }
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal static bool IsLocal(string address)
    {
        if (address.StartsWith("http://unix:", StringComparison.OrdinalIgnoreCase)
            || address.StartsWith("http://pipe:", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return CrossSite.IsLoopback(BindingAddress.Parse(address).Host);
    }

    internal static string Refusal(string address) =>
        $"No authentication is configured, so every caller would be whoever they claim to be; listening on {address} is refused. "
        + "Listen on 127.0.0.1, [::1] or localhost.";

    private static ImmutableArray<string> Split(string list) =>
        [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}
