namespace Osmo.Cli.Client;

/// <summary>Who the client is (contract: api-rest §3.1).</summary>
public abstract record ClientIdentity
{
    private ClientIdentity() { }

    /// <summary>By name, for a service in development mode.</summary>
    public sealed record Development(string User) : ClientIdentity;

    /// <summary>By a token of the service or of the identity provider.</summary>
    public sealed record Bearer(string Token) : ClientIdentity
    {
        /// <summary>Also sent as <c>x-osmo-user</c>, for a service in development mode; null to leave that out.</summary>
        public string? User { get; init; }
    }
}
