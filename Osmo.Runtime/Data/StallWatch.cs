namespace Osmo.Runtime.Data;

/// <summary>Cancels when nothing was transferred for a time.</summary>
internal sealed class StallWatch : IDisposable
{
    private readonly CancellationTokenSource _stalled = new();
    private readonly CancellationTokenSource _either;
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly ITimer _timer;
    private long _lastProgress;

    public StallWatch(TimeSpan limit, TimeProvider time, CancellationToken cancellation)
    {
        (_time, _limit) = (time, limit);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_stalled.Token, cancellation);
        _lastProgress = time.GetTimestamp();
        _timer = time.CreateTimer(static watch => ((StallWatch)watch!).Check(), this, limit, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled by a stall or by the caller.</summary>
    public CancellationToken Token => _either.Token;

    public bool IsStalled => _stalled.IsCancellationRequested;

    public void Progress() => Volatile.Write(ref _lastProgress, _time.GetTimestamp());

    public void Dispose()
    {
        _timer.Dispose();
        _either.Dispose();
        _stalled.Dispose();
    }

    private void Check()
    {
        var left = _limit - _time.GetElapsedTime(Volatile.Read(ref _lastProgress));
        if (left > TimeSpan.Zero)
        {
            _timer.Change(left, Timeout.InfiniteTimeSpan);
            return;
        }

        try
        {
            _stalled.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The transfer ended while the timer fired.
            return;
        }
    }
}
