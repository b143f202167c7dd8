using System.Net;
using Microsoft.Extensions.Options;

namespace Osmo.Silo;

/// <summary>Settings of a silo, in section <c>Osmo:Silo</c>. Where state lives is said by storage.</summary>
public sealed class SiloOptions
{
    public const string Section = "Osmo:Silo";

    /// <summary>Name of the cluster; silos with the same name and <see cref="ClusterDatabase"/> find each other. Orleans only.</summary>
    public string ClusterId { get; set; } = "osmo";

    /// <summary>Name of the service, which outlives clusters: reminders belong to it. Orleans only.</summary>
    public string ServiceId { get; set; } = "osmo";

    /// <summary>
    /// PostgreSQL with Orleans' membership and reminder tables, as Npgsql keywords (<c>Host=…;Username=…</c>). Null: this silo is alone, and its reminders
    /// are kept in memory. Orleans only.
    /// </summary>
    public string? ClusterDatabase { get; set; }

    /// <summary>The address at which other silos and gateways reach this one; null: found by the host's name. In a pod: the pod's own. Orleans only.</summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>Port for other silos; 11111. Orleans only.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port for gateways; 30000. Orleans only.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>How long a caller waits for an answer of a grain; 30 s. More than grains hold long polls.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a grain stays in memory without being used; 15 minutes.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>Finds everything that is wrong with the settings of a silo.</summary>
public sealed class SiloOptionsValidator : IValidateOptions<SiloOptions>
{
    private static readonly TimeSpan CollectionAgeMin = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan ResponseTimeoutMin = TimeSpan.FromSeconds(1);

    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(!string.IsNullOrWhiteSpace(options.ClusterId), nameof(options.ClusterId), "is empty");
        Check(!string.IsNullOrWhiteSpace(options.ServiceId), nameof(options.ServiceId), "is empty");
        Check(
            options.ClusterDatabase is null || options.ClusterDatabase.Contains('='),
            nameof(options.ClusterDatabase),
            "is not a list of Npgsql keywords such as 'Host=db;Username=osmo;Password=…;Database=osmo'");
        Check(
            options.AdvertisedAddress is null || IPAddress.TryParse(options.AdvertisedAddress, out _),
            nameof(options.AdvertisedAddress),
            $"is '{options.AdvertisedAddress}', which is not an IP address");
        Check(options.SiloPort is > 0 and <= 65535, nameof(options.SiloPort), $"is {options.SiloPort}; allowed are 1 to 65535");
        Check(options.GatewayPort is > 0 and <= 65535, nameof(options.GatewayPort), $"is {options.GatewayPort}; allowed are 1 to 65535");
        Check(
            options.ResponseTimeout >= ResponseTimeoutMin,
            nameof(options.ResponseTimeout),
            $"is {options.ResponseTimeout}; must be at least {ResponseTimeoutMin}");
        Check(options.CollectionAge >= CollectionAgeMin, nameof(options.CollectionAge), $"is {options.CollectionAge}; must be at least {CollectionAgeMin}");
        return errors.Build();

        void Check(bool holds, string setting, string fault)
        {
            if (!holds) errors.AddError($"{SiloOptions.Section}:{setting} {fault}.");
        }
    }
}
