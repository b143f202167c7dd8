using System.Net;

namespace Osmo.Hosting.Settings;

/// <summary>How a process is watched and stopped; section <see cref="Section"/>.</summary>
public sealed class ProcessSettings
{
    public const string Section = "Osmo:Process";

    private static readonly TimeRange DrainDelays = new(TimeSpan.Zero, TimeSpan.FromHours(1));

    private static readonly TimeRange StopTimeouts = new(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));

    /// <summary>Where health and metrics are served, as <c>address:port</c>; port 0 takes a free one. They say nothing secret, and nothing can be changed there.</summary>
    public string ManagementEndpoint { get; set; } = "127.0.0.1:8081";

    /// <summary>How long, after it was told to stop, the process goes on serving while it says that it is not ready: so that nobody is sent to it any more.</summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long requests, connections and grains may take to end after that.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <exception cref="SettingsException">Names everything that is wrong.</exception>
    public ProcessSettings Checked()
    {
        var complaints = Complaints().ToList();
        return complaints.Count == 0 ? this : throw new SettingsException(string.Join(' ', complaints));
    }

    public IPEndPoint Management => IPEndPoint.Parse(ManagementEndpoint);

    private IEnumerable<string> Complaints()
    {
        if (!IPEndPoint.TryParse(ManagementEndpoint, out _) || !ManagementEndpoint.Contains(':'))
        {
            yield return $"{Section}:{nameof(ManagementEndpoint)} is '{ManagementEndpoint}'; it must be an IP address and a port, such as 0.0.0.0:8081.";
        }

        if (DrainDelays.Complaint($"{Section}:{nameof(DrainDelay)}", DrainDelay) is { } drain) yield return drain;
        if (StopTimeouts.Complaint($"{Section}:{nameof(StopTimeout)}", StopTimeout) is { } stop) yield return stop;
    }
}
