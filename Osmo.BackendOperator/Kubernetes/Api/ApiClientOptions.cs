namespace Osmo.BackendOperator.Kubernetes.Api;

/// <summary>How hard an API server may be pressed.</summary>
public sealed record ApiClientOptions
{
    /// <summary>Requests per second in the long run; 1 to 10000.</summary>
    public int RequestsPerSecond { get; init; } = 50;

    /// <summary>Requests that may be made at once after a quiet time; 1 to 10000.</summary>
    public int Burst { get; init; } = 100;

    /// <summary>Objects of one page of a list; 1 to 10000.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Pause before the first repetition of a failed request; it doubles, with jitter.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long rights are refused before it counts; an API server that has just started does not know all roles yet. Zero: at once.</summary>
    public TimeSpan RefusalPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection, with its TLS, may take to come about.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <exception cref="ArgumentException">Names the setting, its value and what is allowed.</exception>
    public void Validate()
    {
        Check(RequestsPerSecond, nameof(RequestsPerSecond));
        Check(Burst, nameof(Burst));
        Check(PageSize, nameof(PageSize));
    }

    private static void Check(int value, string setting)
    {
        if (value is < 1 or > 10_000)
        {
            throw new ArgumentException($"{setting} is '{value}'; allowed is 1 to 10000.");
        }
    }
}
