using Osmo.Testing;

namespace Osmo.Grains.Tests.Support;

/// <summary>A clock that is off for as long as one test takes.</summary>
internal sealed class Correction : IDisposable
{
    private readonly SteppedClock _clock;
    private readonly TimeSpan _by;

    public Correction(SteppedClock clock, TimeSpan by)
    {
        (_clock, _by) = (clock, by);
        clock.Correct(by);
    }

    public void Dispose() => _clock.Correct(-_by);
}
