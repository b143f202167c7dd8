namespace Osmo.Cli;

/// <summary>All that a command touches outside of itself; <c>Program.cs</c> takes it from the process, tests make their own.</summary>
internal sealed record Surroundings
{
    /// <summary>Results, and the final error (contract: cli §6).</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Talk: notices, usage errors, progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Nobody reads <see cref="Output"/> on a terminal.</summary>
    public required bool OutputIsRedirected { get; init; }

    /// <summary>Directory of <c>login.yaml</c> (contract: cli §3).</summary>
    public required string ConfigDirectory { get; init; }

    public required HttpClient Http { get; init; }

    /// <summary>The clock, and the zone in which times are shown and dates are meant.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Token logins that know their user also send the name, for services in development mode (<c>OSMO_LOGIN_DEV</c>).</summary>
    public required bool SendsUserWithToken { get; init; }
}
