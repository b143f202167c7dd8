namespace Osmo.Testing;

/// <summary>The time of day can be put forward; timers run in real time on either engine, so nothing of an engine's own timing is disturbed.</summary>
public sealed class SteppedClock : TimeProvider
{
    private long _aheadTicks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _aheadTicks));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _aheadTicks, by.Ticks);
}
