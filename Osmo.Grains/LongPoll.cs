namespace Osmo.Grains;

/// <summary>A call that waits inside a grain until it is woken, its time is up, or the caller has gone away.</summary>
internal sealed class LongPoll(TimeProvider time, TimeSpan atMost)
{
    /// <summary>
    /// A grain holds a call no longer than this. Below any response timeout; and short, because whoever waits at a grain whose silo dies learns of it only by that timeout.
    /// </summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Wake() => _woken.TrySetResult();

    public async Task Wait(CancellationToken cancellation)
    {
        using var timer = time.CreateTimer(static poll => ((LongPoll)poll!).Wake(), this, atMost, Timeout.InfiniteTimeSpan);
        await using var registration = cancellation.Register(static poll => ((LongPoll)poll!).Wake(), this);
        await _woken.Task;
    }
}
