namespace Osmo.Runtime.Ctrl;

/// <summary>
/// Pauses between tries: at random in [b/2, b), b doubling to 32 s (contract: runtime-protocol §7.6), but from 0.1 s instead of 1 s.
/// </summary>
internal sealed class Backoff(Random random)
{
    private const double FirstSeconds = 0.1;
    private const double LongestSeconds = 32;

    /// <summary>Failures since the last success.</summary>
    public int Failures { get; private set; }

    public TimeSpan Next()
    {
        var seconds = double.Min(LongestSeconds, FirstSeconds * double.Pow(2, int.Min(Failures++, 16)));
        return TimeSpan.FromSeconds(seconds * (0.5 + random.NextDouble() / 2));
    }

    public void Reset() => Failures = 0;
}
