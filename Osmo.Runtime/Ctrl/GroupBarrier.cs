using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Ctrl;

/// <summary>Waits until all tasks of the group are ready (contract: runtime-protocol §8).</summary>
/// <remarks>The request is repeated every five minutes and, better than upstream's, whenever the control plane may have forgotten it.</remarks>
internal sealed class GroupBarrier(string? name, TaskLog log, TimeProvider time)
{
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromMinutes(5);

    /// <summary>Of the last time that somebody came to the barrier.</summary>
    private volatile TaskCompletionSource? _released;
    private volatile TaskCompletionSource? _repeat;

    /// <summary>It was opened for who came last.</summary>
    public bool IsOpen => _released is { Task.IsCompleted: true };

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

        await log.Write(LogStream.OsmoCtrl, "Group ready", cancellation);
    }

    /// <summary>The control plane opened the barrier; nothing happens when nobody waits.</summary>
    public void Release() => _released?.TrySetResult();

    /// <summary>The control plane may know nothing of who waits: the request is sent again. False when nobody waits.</summary>
    public bool AskAgain()
    {
        if (_released is not { Task.IsCompleted: false })
            return false;
        _repeat?.TrySetResult();
        return true;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
