namespace Osmo.Testing;

/// <summary>
/// The time that has passed, and with it the time of day, can be put forward; so can the time of day alone, and back. Timers run in real time on either engine, so nothing of an
/// engine's own timing is disturbed.
/// </summary>
public sealed class SteppedClock : TimeProvider
{
    private long _passedTicks;
    private long _correctedTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _passedTicks) + Interlocked.Read(ref _correctedTicks));

    public override long GetTimestamp() => System.GetElapsedTime(0, System.GetTimestamp()).Ticks + Interlocked.Read(ref _passedTicks);

    /// <summary>So much time passes at once.</summary>
    public void Advance(TimeSpan by) => Interlocked.Add(ref _passedTicks, by.Ticks);

    /// <summary>The clock is put right, forward or (negative) back; no time passes.</summary>
    public void Correct(TimeSpan by) => Interlocked.Add(ref _correctedTicks, by.Ticks);
}
