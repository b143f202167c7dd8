using System.Net;
using Microsoft.Extensions.Options;
using Osmo.Hosting.Settings;

namespace Osmo.Silo;

/// <summary>Settings of a silo, in section <c>Osmo:Silo</c>. Where state lives is said by storage, whom it works with by the cluster.</summary>
public sealed class SiloOptions
{
    public const string Section = "Osmo:Silo";

    /// <summary>JSON file with what the service configuration shall say other than it does (a merge patch); the same for all silos. Null: nothing.</summary>
    public string? Configuration { get; set; }

    /// <summary>The address at which other silos and gateways reach this one; null: found by the host's name. In a pod: the pod's own. Orleans only.</summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>Port for other silos; 11111. Orleans only.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port for gateways; 30000. Orleans only.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>How long a grain waits for an answer of another; 10 s. More than grains hold long polls. A call that died with its silo is tried again after it.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a grain stays in memory without being used; 15 minutes.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>Finds everything that is wrong with the settings of a silo.</summary>
public sealed class SiloOptionsValidator : IValidateOptions<SiloOptions>
{
    private static readonly TimeRange CollectionAges = new(TimeSpan.FromMinutes(2), TimeSpan.FromHours(12));

    private static readonly TimeRange ResponseTimeouts = new(TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(10));

    public ValidateOptionsResult Validate(string? name, SiloOptions options)
    {
        var errors = new ValidateOptionsResultBuilder();
        Check(
            options.AdvertisedAddress is null || IPAddress.TryParse(options.AdvertisedAddress, out _),
            nameof(options.AdvertisedAddress),
            $"is '{options.AdvertisedAddress}', which is not an IP address");
        Check(options.Configuration is null || File.Exists(options.Configuration), nameof(options.Configuration), $"is '{options.Configuration}'; there is no such file");
        Check(options.SiloPort is > 0 and <= 65535, nameof(options.SiloPort), $"is {options.SiloPort}; allowed are 1 to 65535");
        Check(options.GatewayPort is > 0 and <= 65535, nameof(options.GatewayPort), $"is {options.GatewayPort}; allowed are 1 to 65535");
        CheckTime(ResponseTimeouts, nameof(options.ResponseTimeout), options.ResponseTimeout);
        CheckTime(CollectionAges, nameof(options.CollectionAge), options.CollectionAge);
        return errors.Build();

        void CheckTime(TimeRange allowed, string setting, TimeSpan value)
        {
            if (allowed.Complaint($"{SiloOptions.Section}:{setting}", value) is { } complaint) errors.AddError(complaint);
        }

        void Check(bool holds, string setting, string fault)
        {
            if (!holds) errors.AddError($"{SiloOptions.Section}:{setting} {fault}.");
        }
    }
}
