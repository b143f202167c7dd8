using System.Net.Sockets;
using System.Text.Json;
using Osmo.Runtime.Arguments;
using Osmo.Runtime.PodSocket;
using Osmo.Runtime.Processes;

namespace Osmo.Runtime.User;

/// <summary>One connection to ctrl: from its start message to the command's last word.</summary>
internal sealed class UserSession(
    UserArguments arguments, RoleEnvironment environment, GoLog log, PodMessageWriter ctrl, PodMessageReader requests) : IDisposable
{
    private const int SignalledCode = 255;
    private const int CtrlLostCode = 2;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _startAgain = new(0, 1);
    private readonly CancellationTokenSource _terminating = new();
    private readonly CancellationTokenSource _finished = new();
    private CommandRun? _run;

    /// <summary>Ctrl asked to stop a run that has not come to life yet.</summary>
    private bool _stopIsDue;

    public async Task<int> Run(CancellationToken terminated)
    {
        var start = await WaitForStart(terminated);
        if (start is null)
            return 0;
        var reading = ReadRequests();
        using var onTerminated = terminated.Register(BeginTermination);
        try
        {
            return await RunCommand(environment.LocalPath(start.OutputFolder));
        }
        finally
        {
            await _finished.CancelAsync();
            await reading;
        }
    }

    public void Dispose()
    {
        _startAgain.Dispose();
        _terminating.Dispose();
        _finished.Dispose();
    }

    private async Task<PodMessage.ExecStart?> WaitForStart(CancellationToken terminated)
    {
        while (true)
        {
            switch (await requests.Read(terminated))
            {
                case PodMessage.ExecStart start:
                    return start;
                case PodMessage.CtrlFailed:
                    log.Print("osmo_ctrl failed before the command could start.");
                    return null;
                case null:
                    throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
    }

    private async Task<int> RunCommand(string outputFolder)
    {
        while (true)
        {
            var (exit, restart) = await RunOnce();
            if (restart)
            {
                ctrl.Send(new PodMessage.UserStopFinished());
                if (await MayStartAgain())
                    continue;
                return CtrlLostCode;
            }

            foreach (var problem in UserSurroundings.MakeReadable(outputFolder))
                log.Print($"Warning: output is not readable for the upload: {problem}");
            ctrl.Send(exit.Error is null
                ? new PodMessage.ExecFinished()
                : new PodMessage.ExecFailed($"Command failed with error: {exit.Error}\n"));
            return exit.Code;
        }
    }

    private async Task<bool> MayStartAgain()
    {
        try
        {
            await _startAgain.WaitAsync(_terminating.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<((int Code, string? Error) Exit, bool Restart)> RunOnce()
    {
        var request = new SpawnRequest(
            arguments.Command[0],
            [.. arguments.Command.Skip(1)],
            UserSurroundings.CommandEnvironment(arguments, environment),
            environment.WorkingDirectory);
        CommandRun run;
        try
        {
            run = CommandRun.Start(request, ctrl, log, environment);
        }
        catch (SpawnException exception)
        {
            log.Print(exception.Message);
            return ((exception.ExitCode, exception.Message), false);
        }

        using (run)
        {
            Announce(run);
            try
            {
                var exit = await run.Finish(environment.Time);
                var code = exit.Signal is null ? exit.Code : SignalledCode;
                return ((code, exit is { Code: 0, Signal: null } ? null : exit.ToString()), run.StopRequested);
            }
            finally
            {
                lock (_gate)
                    _run = null;
                run.Signal(Libc.SignalKill);
            }
        }
    }

    private void Announce(CommandRun run)
    {
        lock (_gate)
        {
            _run = run;
            if (_terminating.IsCancellationRequested)
                run.Signal(Libc.SignalTerminate);
            if (_stopIsDue)
                run.Stop();
            _stopIsDue = false;
        }
    }

    private async Task ReadRequests()
    {
        try
        {
            while (await requests.Read(_finished.Token) is { } request)
                Handle(request);
            log.Print("osmo_ctrl closed the connection.");
        }
        catch (OperationCanceledException) when (_finished.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (exception is SocketException or JsonException)
        {
            log.Print($"Connection to osmo_ctrl failed: {exception.Message}");
        }

        if (_finished.IsCancellationRequested)
            return;
        BeginTermination();
    }

    private void Handle(PodMessage request)
    {
        switch (request)
        {
            case PodMessage.UserStop:
                Stop();
                break;
            case PodMessage.UserStart when _startAgain.CurrentCount == 0:
                lock (_gate)
                    _stopIsDue = false;
                _startAgain.Release();
                break;
            default:
                log.Print($"Request {request.GetType().Name} is not supported by this runtime and was ignored.");
                break;
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            if (_run is null)
                _stopIsDue = true;
            else
                _run.Stop();
        }
    }

    /// <summary>SIGTERM to the command, SIGKILL after the grace.</summary>
    private void BeginTermination()
    {
        _terminating.Cancel();
        SignalRun(Libc.SignalTerminate);
        _ = KillAfterGrace();
    }

    private async Task KillAfterGrace()
    {
        try
        {
            await Task.Delay(environment.TerminationGrace, environment.Time, _finished.Token);
            SignalRun(Libc.SignalKill);
        }
        catch (OperationCanceledException)
        {
            // The command ended in time.
        }
    }

    private void SignalRun(int signal)
    {
        lock (_gate)
            _run?.Signal(signal);
    }
}
