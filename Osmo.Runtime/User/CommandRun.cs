using System.Net.Sockets;
using Osmo.Protocol.Runtime;
using Osmo.Runtime.PodSocket;
using Osmo.Runtime.Processes;

namespace Osmo.Runtime.User;

/// <summary>One run of the user's command: its process group, and its output on the way to ctrl and to the container's log.</summary>
internal sealed class CommandRun : IDisposable
{
    private readonly ChildProcess _process;
    private readonly IOrphanGuard _orphans;
    private readonly PipeReader _output;
    private readonly PipeReader _error;
    private volatile bool _stopRequested;

    private CommandRun(ChildProcess process, PodMessageWriter ctrl, GoLog log, RoleEnvironment environment)
    {
        _process = process;
        _orphans = environment.Orphans;
        _orphans.Add(process.Id);
        _output = PipeReader.Start(process.StandardOutput, new LineForwarder(LogStream.Stdout, ctrl, log).Consume, environment.Time);
        _error = PipeReader.Start(process.StandardError, new LineForwarder(LogStream.Stderr, ctrl, log).Consume, environment.Time);
    }

    /// <summary>Ctrl asked to end this run in order to start another.</summary>
    public bool StopRequested => _stopRequested;

    /// <exception cref="SpawnException">There is no such command, or it cannot be executed.</exception>
    public static CommandRun Start(SpawnRequest request, PodMessageWriter ctrl, GoLog log, RoleEnvironment environment) =>
        new(ChildProcess.Start(request), ctrl, log, environment);

    public void Signal(int signal) => _process.SignalGroup(signal);

    public void Stop()
    {
        _stopRequested = true;
        _process.SignalGroup(Libc.SignalKill);
    }

    /// <summary>
    /// Waits until the command ended and all it printed went to ctrl. What it left running in its group is killed, as with its container.
    /// </summary>
    /// <exception cref="SocketException">Ctrl is gone.</exception>
    public async Task<ProcessExit> Finish(TimeProvider time)
    {
        await foreach (var ended in Task.WhenEach(_process.Exited, _output.Ended, _error.Ended))
        {
            await ended;
            if (ended == _process.Exited)
                break;
        }

        var drained = Task.WhenAll(_output.Ended, _error.Ended);
        try
        {
            await drained.WaitAsync(PipeReader.SilenceAfterExit, time);
        }
        catch (TimeoutException)
        {
            _process.SignalGroup(Libc.SignalKill);
        }

        _output.ChildEnded();
        _error.ChildEnded();
        await drained;
        _process.SignalGroup(Libc.SignalKill);
        return await _process.Exited;
    }

    public void Dispose()
    {
        _orphans.Remove(_process.Id);
        _process.Dispose();
    }
}
