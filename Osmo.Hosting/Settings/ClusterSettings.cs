namespace Osmo.Hosting.Settings;

/// <summary>What silos and gateways of one cluster have in common; section <see cref="Section"/>. They meet in the database of the storage.</summary>
public sealed class ClusterSettings
{
    public const string Section = "Osmo:Cluster";

    private static readonly TimeRange ProbeTimeouts = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));

    /// <summary>Silos and gateways with the same name in the same database find each other. A new name is a new cluster with the same state.</summary>
    public string ClusterId { get; set; } = "osmo";

    /// <summary>Name of the service, which outlives clusters: reminders belong to it.</summary>
    public string ServiceId { get; set; } = "osmo";

    /// <summary>
    /// How often silos probe each other, and how long a probe may take. This times <see cref="MissedProbes"/> is about how long a dead silo goes unnoticed, or one that
    /// hangs.
    /// </summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Probes missed in a row after which a silo votes another dead; two votes (or the only other silo's) end it.</summary>
    public int MissedProbes { get; set; } = 3;

    /// <summary>PEM file with this process' certificate. With <see cref="TlsKey"/> and <see cref="TlsAuthority"/>: all connections between silos and gateways use TLS.</summary>
    public string? TlsCertificate { get; set; }

    /// <summary>PEM file with the certificate's private key.</summary>
    public string? TlsKey { get; set; }

    /// <summary>PEM file with the authority that must have signed the certificate of everybody in the cluster, and signs nobody else's.</summary>
    public string? TlsAuthority { get; set; }

    public bool UsesTls => TlsCertificate is not null;

    /// <exception cref="SettingsException">Names everything that is wrong.</exception>
    public ClusterSettings Checked()
    {
        var complaints = Complaints().ToList();
        return complaints.Count == 0 ? this : throw new SettingsException(string.Join(' ', complaints));
    }

    private IEnumerable<string> Complaints()
    {
        if (string.IsNullOrWhiteSpace(ClusterId)) yield return $"{Section}:{nameof(ClusterId)} is empty.";
        if (string.IsNullOrWhiteSpace(ServiceId)) yield return $"{Section}:{nameof(ServiceId)} is empty.";
        if (ProbeTimeouts.Complaint($"{Section}:{nameof(ProbeTimeout)}", ProbeTimeout) is { } probe) yield return probe;
        if (MissedProbes is < 1 or > 100) yield return $"{Section}:{nameof(MissedProbes)} is {MissedProbes}; allowed are 1 to 100.";
        (string Name, string? File)[] files = [(nameof(TlsCertificate), TlsCertificate), (nameof(TlsKey), TlsKey), (nameof(TlsAuthority), TlsAuthority)];
        if (files.Any(file => file.File is null) && files.Any(file => file.File is not null))
        {
            yield return $"{string.Join(", ", files.Where(file => file.File is null).Select(file => $"{Section}:{file.Name}"))} must be set too: "
                + "TLS needs certificate, key and authority.";
        }

        foreach (var (name, file) in files.Where(file => file.File is not null && !File.Exists(file.File)))
        {
            yield return $"{Section}:{name} is '{file}'; there is no such file.";
        }
    }
}
