using Orleans.Runtime;
using Osmo.Embedded.Activations;

namespace Osmo.Embedded.Enumerations;

/// <summary>The grain's side of one enumeration; used in turns of its activation.</summary>
#pragma warning disable CA1001 // closing disposes
internal abstract class EnumerationSession
#pragma warning restore CA1001
{
    private readonly TaskCompletionSource _aborted = new();
    private readonly CancellationTokenSource _cancellation = new();
    private bool _closed;

    /// <summary>The activation that enumerates, once it began.</summary>
    public Activation? Activation { get; private set; }

    protected long LastPull { get; set; }

    protected bool IsPulling { get; set; }

    protected CancellationToken Cancellation => _cancellation.Token;

    protected Task Aborted => _aborted.Task;

    public bool IsAbandoned(ActivationCollector collector) => !IsPulling && collector.IsAbandoned(LastPull);

    /// <summary>The activation ends: whoever waits for the next element is told so, whatever the grain is doing.</summary>
    public void Abort()
    {
        _aborted.TrySetResult();
        _cancellation.Cancel();
    }

    /// <summary>Cancels the grain's enumerator and disposes it when it has stopped.</summary>
    public async Task Close()
    {
        if (_closed) return;

        _closed = true;
        Activation?.Closed(this);
        _cancellation.Cancel();
        await DisposeEnumerator();
        _cancellation.Dispose();
    }

    protected void Bind(Activation activation)
    {
        if (_closed || Aborted.IsCompleted || (Activation is not null && Activation != activation))
        {
            throw new EnumerationAbortedException(
                $"{activation.GrainId} does not know this enumeration: it was deactivated, or nobody asked for the next element for too long.");
        }

        if (Activation is not null) return;

        Activation = activation;
        activation.Opened(this);
    }

    protected abstract Task DisposeEnumerator();
}

/// <inheritdoc/>
internal sealed class EnumerationSession<T>(EnumerableCall<T> call) : EnumerationSession
{
    private IAsyncEnumerator<T>? _enumerator;
    private Task<bool>? _pending;

    /// <summary>Adds the elements that are ready, at least one unless it is the end; false at the end.</summary>
    public async Task<bool> Fill(Activation activation, List<T> batch, int max)
    {
        Bind(activation);
        IsPulling = true;
        try
        {
            _enumerator ??= Open(activation);
            while (batch.Count < max)
            {
                var next = _pending ?? _enumerator.MoveNextAsync().AsTask();
                _pending = next;
                if (!next.IsCompleted)
                {
                    if (batch.Count > 0) return true;
                    await Task.WhenAny(next, Aborted);
                    if (Aborted.IsCompleted) Bind(activation);
                }

                _pending = null;
                if (!await next)
                {
                    await Close();
                    return false;
                }

                batch.Add(_enumerator.Current);
            }

            return true;
        }
        catch
        {
            await Close();
            throw;
        }
        finally
        {
            IsPulling = false;
            LastPull = activation.Engine.Collector.Epoch;
        }
    }

    protected override async Task DisposeEnumerator()
    {
        if (_pending is { } pending)
        {
            // An enumerator can be disposed only while it does not move. One that ignores its token is left alone.
            var time = Activation!.Engine.Time;
            await Task.WhenAny(pending, Task.Delay(Activation.Engine.Options.DeactivationTimeout, time));
            if (!pending.IsCompleted) return;
        }

        if (_enumerator is not null) await _enumerator.DisposeAsync();
    }

    private IAsyncEnumerator<T> Open(Activation activation)
    {
        call.Token = Cancellation;
        return call.Invoke(activation.GrainInstance!).GetAsyncEnumerator(Cancellation);
    }
}
