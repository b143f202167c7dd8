using Osmo.Protocol.Runtime;

namespace Osmo.Runtime.Ctrl;

/// <summary>Acts on the control plane's actions for one task (contract: runtime-protocol §7.4, §8).</summary>
internal sealed class TaskActions(GroupBarrier barrier, UserLink user, TaskLog log, CancellationToken cancellation) : ILoggerActions
{
    private readonly TaskCompletionSource _logDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private bool _isRestarting;

    /// <summary>A restart was ordered that none of the barriers passed so far came after.</summary>
    private bool _isRestartDue;

    /// <summary>Of the last restart that was heard of; the control plane sends one again until it is sure of that.</summary>
    private string _restartKey = "";

    /// <summary>The control plane has everything.</summary>
    public Task LogDone => _logDone.Task;

    public void Connected() => barrier.AskAgain();

    /// <summary>The command was started for the first time.</summary>
    public void Started()
    {
        lock (_gate)
        {
            if (_isRestartDue && !_isRestarting)
                BeginRestart();
        }
    }

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

    /// <summary>After a restart the command may run only once it has passed a barrier that it came to after the restart.</summary>
    private void Restart(string key)
    {
        lock (_gate)
        {
            if (key.Length > 0 && key == _restartKey)
                return;
            _restartKey = key;
            if (barrier.AskAgain())
                _ = Skip();
            else if (_isRestarting || (barrier.IsOpen && !user.IsRunning))
                _isRestartDue = true;
            else if (user.IsRunning)
                BeginRestart();
        }
    }

    private void BeginRestart()
    {
        _isRestarting = true;
        _ = Restart();
    }

    private async Task Skip()
    {
        try
        {
            await log.Write(LogStream.OsmoCtrl, "Skip restart action", cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Nobody reads it any more.
        }
    }

    private async Task Restart()
    {
        try
        {
            do
            {
                if (!user.IsRunning || !await user.Stop(cancellation))
                    return;
                await PassBarrier();
                user.StartAgain();
            }
            while (IsDueAgain());
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

    /// <summary>What was ordered until now is served by the barrier that comes now.</summary>
    private Task PassBarrier()
    {
        lock (_gate)
        {
            _isRestartDue = false;
            return barrier.Pass(cancellation);
        }
    }

    /// <summary>True when another restart was ordered since the barrier.</summary>
    private bool IsDueAgain()
    {
        lock (_gate)
        {
            _isRestarting = _isRestartDue;
            return _isRestarting;
        }
    }
}
