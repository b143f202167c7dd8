namespace Osmo.Grains;

/// <summary>A call that waits inside a grain until it is woken, its time is up, or the caller has gone away.</summary>
internal sealed class LongPoll(TimeProvider time, TimeSpan atMost)
{
    private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Wake() => _woken.TrySetResult();

    public async Task Wait(CancellationToken cancellation)
    {
        using var timer = time.CreateTimer(static poll => ((LongPoll)poll!).Wake(), this, atMost, Timeout.InfiniteTimeSpan);
        await using var registration = cancellation.Register(static poll => ((LongPoll)poll!).Wake(), this);
        await _woken.Task;
    }
}
