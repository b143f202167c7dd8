using Osmo.Gateway.Identity;
using Osmo.Hosting.Settings;

namespace Osmo.Gateway.Conventions;

/// <summary>Settings of one gateway process; section <see cref="Section"/>. What all gateways share is the service configuration.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Osmo:Gateway";

    private static readonly TimeRange ResponseTimeouts = new(TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(10));

    private static readonly TimeRange PingPeriods = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));

    private static readonly TimeRange OperatorInitTimeouts = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));

    private static readonly TimeRange ConfigurationAges = new(TimeSpan.Zero, TimeSpan.FromHours(1));

    /// <summary>Where the program listens; the standalone has a setting of its own.</summary>
    public string ListenUrl { get; set; } = "http://127.0.0.1:8000";

    /// <summary>Version told to clients, <c>major.minor.revision[.hash]</c> (contract: api-rest §5, §19).</summary>
    public string ServiceVersion { get; set; } = "6.4.0";

    /// <summary>Who a request without <c>x-osmo-user</c> is from in development mode (contract: api-rest §3.2).</summary>
    public string DevelopmentUser { get; set; } = "testuser";

    /// <summary>
    /// In development mode: host names, besides those of loopback, that requests may be for, since that is what the gateway is called at the
    /// far end of a tunnel. A page of another site that gives this machine's address to a name of its own cannot choose one of these.
    /// </summary>
    public IList<string> TunnelHosts { get; init; } = [];

    /// <summary>
    /// Base of the links in answers while the service configuration has no <c>service_base_url</c>; null takes scheme and host of the
    /// request.
    /// </summary>
    public string? BaseUrl { get; set; }

    /// <summary>Largest request body, bytes.</summary>
    public long RequestBytesMax { get; set; } = 16L << 20;

    /// <summary>Specifications rendered and validated at the same time; more wait.</summary>
    public int ConcurrentSubmissions { get; set; } = Environment.ProcessorCount * 2;

    /// <summary>How old the configuration may be that a request sees.</summary>
    public TimeSpan ConfigurationAgeMax { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the program waits for an answer of a grain. More than grains hold long polls. A call that died with its silo is tried again after it.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Period of WebSocket pings, and how long a peer may leave one unanswered (contract: runtime-protocol §7.6).</summary>
    public TimeSpan PingPeriod { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an operator's connection may stay without <c>init</c> (contract: backend-protocol §7).</summary>
    public TimeSpan OperatorInitTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal ClientVersion Version =>
        ClientVersion.TryParse(ServiceVersion, out var version)
            ? version
            : throw new InvalidOperationException("The settings were not validated.");

    /// <summary>What is wrong with these settings; empty when nothing is.</summary>
    public IEnumerable<string> Complaints()
    {
        if (!ClientVersion.TryParse(ServiceVersion, out _))
        {
            yield return $"{Section}:{nameof(ServiceVersion)} is '{ServiceVersion}'; it must be major.minor.revision[.hash].";
        }

        if (string.IsNullOrEmpty(DevelopmentUser))
        {
            yield return $"{Section}:{nameof(DevelopmentUser)} must not be empty.";
        }

        if (!ListenUrl.StartsWith("http", StringComparison.Ordinal) || !Uri.TryCreate(ListenUrl, UriKind.Absolute, out var listen))
        {
            yield return $"{Section}:{nameof(ListenUrl)} is '{ListenUrl}'; it must be an http URL such as http://127.0.0.1:8000.";
        }
        else if (!DevelopmentIdentity.IsLocal(ListenUrl))
        {
            yield return $"{Section}:{nameof(ListenUrl)}: {DevelopmentIdentity.Refusal(ListenUrl)}";
        }

        if (BaseUrl is not null && !(Uri.TryCreate(BaseUrl, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"))
        {
            yield return $"{Section}:{nameof(BaseUrl)} is '{BaseUrl}'; it must be an http or https URL.";
        }

        if (RequestBytesMax <= 0 || ConcurrentSubmissions <= 0)
        {
            yield return $"{Section}:{nameof(RequestBytesMax)} and {nameof(ConcurrentSubmissions)} must be positive.";
        }

        (string Name, TimeSpan Value, TimeRange Allowed)[] times =
        [
            (nameof(ResponseTimeout), ResponseTimeout, ResponseTimeouts),
            (nameof(PingPeriod), PingPeriod, PingPeriods),
            (nameof(OperatorInitTimeout), OperatorInitTimeout, OperatorInitTimeouts),
            (nameof(ConfigurationAgeMax), ConfigurationAgeMax, ConfigurationAges),
        ];
        foreach (var (name, value, allowed) in times)
        {
            if (allowed.Complaint($"{Section}:{name}", value) is { } complaint)
            {
                yield return complaint;
            }
        }
    }
}
