namespace Osmo.Cli.Login;

/// <summary>Who is logged in where; the content of <c>login.yaml</c> (contract: cli §3).</summary>
internal sealed record LoginState
{
    /// <summary>Without a slash at the end.</summary>
    public required string Url { get; init; }

    public required Credentials Identity { get; init; }

    /// <summary>For display only; empty when the token has no name.</summary>
    public string Name { get; init; } = "";
}

internal abstract record Credentials
{
    private Credentials() { }

    /// <summary>By name, for a service in development mode.</summary>
    public sealed record Development(string User) : Credentials;

    /// <summary>By an ID token that is renewed with the refresh token.</summary>
    public sealed record Token : Credentials
    {
        public required string IdToken { get; init; }

        public string? RefreshToken { get; init; }

        public required string RefreshUrl { get; init; }

        /// <summary>Of the identity provider; null after logins by password or personal access token.</summary>
        public string? ClientId { get; init; }

        public string? User { get; init; }

        /// <summary>The refresh token is a personal access token of the service, and the service itself renews the ID token.</summary>
        public required bool IsIssuedByService { get; init; }
    }
}
