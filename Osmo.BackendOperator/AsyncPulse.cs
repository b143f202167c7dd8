using System.Threading.Channels;

namespace Osmo.BackendOperator;

/// <summary>Wakes one waiter; pulses while nobody waits count as one.</summary>
internal sealed class AsyncPulse
{
    private readonly Channel<bool> _pulses = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _pulses.Writer.TryWrite(true);

    /// <summary>Returns at the next pulse, at the latest after <paramref name="patience"/>.</summary>
    public async Task WaitAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            await _pulses.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The wait is over, which is all that is promised.
        }
    }
}
