namespace Osmo.Grains;

internal static class Clock
{
    /// <summary>Now in UTC, in whole microseconds: what rows keep and clients see.</summary>
    public static DateTime UtcNow(this TimeProvider time)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
