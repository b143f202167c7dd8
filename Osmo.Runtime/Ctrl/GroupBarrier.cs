using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Ctrl;

/// <summary>Waits until all tasks of the group are ready (contract: runtime-protocol §8).</summary>
/// <remarks>The request is repeated every five minutes and, better than upstream's, on each new connection, where the first may have been
/// lost.</remarks>
internal sealed class GroupBarrier(string? name, TaskLog log, TimeProvider time)
{
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromMinutes(5);

    private volatile TaskCompletionSource? _released;
    private volatile TaskCompletionSource? _repeat;

    public bool IsWaiting => _released is not null;

    /// <summary>Returns when the barrier is open, at once when there is none.</summary>
    public async Task Pass(CancellationToken cancellation)
    {
        if (name is null)
            return;
        var released = _released = NewSignal();
        await log.Write(LogStream.OsmoCtrl, "Waiting for group ready ...", cancellation);
        while (!released.Task.IsCompleted)
        {
            var repeat = _repeat = NewSignal();
            await log.Send(new CtrlMessage.Barrier(name, -1), cancellation);
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(released.Task, repeat.Task, Task.Delay(RepeatInterval, time, wait.Token));
            await wait.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
        }

        _released = null;
        await log.Write(LogStream.OsmoCtrl, "Group ready", cancellation);
    }

    /// <summary>The control plane opened the barrier; nothing happens when nobody waits.</summary>
    public void Release() => _released?.TrySetResult();

    public void Connected() => _repeat?.TrySetResult();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
