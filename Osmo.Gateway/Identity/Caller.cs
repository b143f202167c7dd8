using System.Collections.Immutable;

namespace Osmo.Gateway.Identity;

/// <summary>Who makes a request.</summary>
/// <param name="User">User name; the development user when nobody was named.</param>
/// <param name="IsNamed">False when the request named nobody; lists then show all users (contract: api-rest §8.4).</param>
/// <param name="AllowedPools">Pools the caller may see; contract: api-rest §3.2.</param>
public sealed record Caller(string User, bool IsNamed, ImmutableArray<string> Roles, ImmutableArray<string> AllowedPools)
{
    private const string AdministratorRole = "osmo-admin";

    /// <summary>Passes a pool in maintenance (contract: api-rest §8.1).</summary>
    public bool IsAdministrator => Roles.Contains(AdministratorRole, StringComparer.Ordinal);

    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("The request passed no identity middleware.");
}
