using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Configuration;

/// <summary>Settings of the service itself (contract: config §3.1).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ServiceConfig
{
    /// <summary>Public URL: links in answers, and where the runtime of a task connects to.</summary>
    public string ServiceBaseUrl { get; init; } = "";

    /// <summary>Null until the first start generated a key.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AuthenticationConfig? ServiceAuth { get; init; }

    public CliConfig CliConfig { get; init; } = new();

    /// <summary>How long an attempt may take to start before it fails.</summary>
    public Duration MaxPodRestartLimit { get; init; } = Duration.Parse("30m");

    /// <summary>Messages held per operator connection.</summary>
    public int AgentQueueSize { get; init; } = 1024;
}

/// <summary>Versions the clients are told about; <c>major.minor.revision[.hash]</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CliConfig
{
    public string? LatestVersion { get; init; }

    public string? MinSupportedVersion { get; init; }

    public string? ClientInstallUrl { get; init; }
}

/// <summary>Keys and claims of the tokens the service issues (contract: auth §5).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AuthenticationConfig
{
    /// <summary>By key id.</summary>
    public ImmutableSortedDictionary<string, SigningKey> Keys { get; init; } = ImmutableSortedDictionary<string, SigningKey>.Empty;

    /// <summary>The key that signs; one of <see cref="Keys"/>.</summary>
    public string ActiveKey { get; init; } = "";

    public string Issuer { get; init; } = "osmo";

    public string Audience { get; init; } = "osmo";

    public ImmutableArray<string> UserRoles { get; init; } = ["osmo-user"];

    public ImmutableArray<string> CtrlRoles { get; init; } = ["osmo-user", "osmo-ctrl"];

    public LoginInfo LoginInfo { get; init; } = new();

    public Duration MaxTokenDuration { get; init; } = Duration.Parse("365d");
}

/// <summary>Both are texts that hold a JWK document.</summary>
public sealed record SigningKey(string PublicKey, Secret PrivateKey);

/// <summary>What a client needs to log in (contract: auth §3).</summary>
public sealed record LoginInfo
{
    public string? DeviceEndpoint { get; init; }

    public string? DeviceClientId { get; init; }

    public string? BrowserEndpoint { get; init; }

    public string? BrowserClientId { get; init; }

    public string? TokenEndpoint { get; init; }

    public string? LogoutEndpoint { get; init; }
}
