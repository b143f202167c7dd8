using Orleans.Runtime;
using Osmo.Embedded.Activations;
using Osmo.Embedded.Scheduling;

namespace Osmo.Embedded.Enumerations;

/// <summary>Asks a grain for the next elements of an enumeration. Like every part of one it interleaves with all other calls, and has no response timeout.</summary>
internal sealed class EnumerationPull<T>(EnumerationSession<T> session, List<T> batch, int max) : Request
{
    private readonly TaskCompletionSource<bool> _promise = new();
    private readonly Dictionary<string, object>? _context = RequestContext.Values;

    /// <summary>False when there are no elements beyond those in the batch.</summary>
    public Task<bool> Promise => _promise.Task;

    public override bool MayMoveToAnotherActivation => session.Activation is null;

    public override Interleaving DefaultInterleaving => Interleaving.Free;

    public override bool IsMoot => _promise.Task.IsCompleted;

    public override void Reject(Exception reason) => _promise.TrySetException(reason);

    /// <summary>The caller stops waiting; from anywhere.</summary>
    public void Cancel(CancellationToken token)
    {
        if (Activation is { } activation) activation.Post(new CancelTurn(this, token));
        else _promise.TrySetCanceled(token);
    }

    protected override Task Run(Activation activation)
    {
        RequestContext.Values = _context;
        return session.Fill(activation, batch, max);
    }

    protected override void Answer(Task work)
    {
        if (work is Task<bool> filled) _promise.TrySetFromTask(filled);
        else _promise.TrySetException(work.Exception!.InnerException!);
    }

    private sealed class CancelTurn(EnumerationPull<T> pull, CancellationToken token) : Turn
    {
        internal override void Execute() => pull._promise.TrySetCanceled(token);
    }
}

/// <summary>Ends an enumeration at the wish of its caller.</summary>
internal sealed class CloseTurn(EnumerationSession session) : Turn
{
    private readonly TaskCompletionSource _done = new();

    public Task Done => _done.Task;

    internal override void Execute() => _ = Close();

    private async Task Close()
    {
        try
        {
            await session.Close();
            _done.TrySetResult();
        }
#pragma warning disable CA1031 // handed to the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _done.TrySetException(exception);
        }
    }
}
