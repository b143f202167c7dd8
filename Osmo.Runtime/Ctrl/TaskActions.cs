using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Ctrl;

/// <summary>Acts on the control plane's actions for one task (contract: runtime-protocol §7.4, §8).</summary>
internal sealed class TaskActions(GroupBarrier barrier, UserLink user, TaskLog log, CancellationToken cancellation) : ILoggerActions
{
    private readonly TaskCompletionSource _logDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _restart = Task.CompletedTask;

    /// <summary>Of the last restart that was heard of; the control plane sends one again until it is sure of that.</summary>
    private string _restartKey = "";

    /// <summary>The control plane has everything.</summary>
    public Task LogDone => _logDone.Task;

    public void Connected() => barrier.Connected();

    public void Handle(RuntimeAction action)
    {
        switch (action)
        {
            case RuntimeAction.LogDone:
                _logDone.TrySetResult();
                break;
            case RuntimeAction.Barrier:
                barrier.Release();
                break;
            case RuntimeAction.Restart restart:
                Restart(restart.Key);
                break;
            case RuntimeAction.Exec or RuntimeAction.PortForward or RuntimeAction.Webserver or RuntimeAction.Rsync:
                log.Note($"Action {action.GetType().Name} was refused: this runtime opens no sessions.");
                break;
        }
    }

    private void Restart(string key)
    {
        if (_restart.IsCompleted && (key.Length == 0 || key != _restartKey))
            _restart = Restart();
        _restartKey = key;
    }

    private async Task Restart()
    {
        try
        {
            if (barrier.IsWaiting)
            {
                await log.Write(LogStream.OsmoCtrl, "Skip restart action", cancellation);
                return;
            }

            if (!user.IsRunning || !await user.Stop(cancellation))
                return;
            await barrier.Pass(cancellation);
            user.StartAgain();
        }
        catch (CtrlFailure failure)
        {
            // The relay finds the broken connection too, and ends the task.
            log.Note($"Restart failed: {failure.Message}");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            log.Note("Restart was interrupted.");
        }
    }
}
