using System.Net;
using Osmo.Protocol.Runtime;
using Osmo.Runtime.Arguments;
using Osmo.Runtime.Data;

namespace Osmo.Runtime.Ctrl;

/// <summary>One task from the first connection to the last log line (contract: runtime-protocol §4).</summary>
internal sealed class CtrlTask : IAsyncDisposable
{
    /// <summary>How long a failed or terminated task may try to get its last lines out.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    /// <summary>After SIGTERM, how much longer than the command ctrl listens to osmo_exec.</summary>
    private static readonly TimeSpan RelayMargin = TimeSpan.FromSeconds(1);

    private readonly CtrlArguments _arguments;
    private readonly RoleEnvironment _environment;
    private readonly TimeProvider _time;
    private readonly SocketsHttpHandler _handler = new() { AutomaticDecompression = DecompressionMethods.None };
    private readonly HttpMessageInvoker _http;
    private readonly CancellationTokenSource _linkLost = new();
    private readonly CancellationTokenSource _linkStop = new();
    private readonly CancellationTokenSource _over = new();
    private readonly TaskLog _log;
    private readonly LogBuffer _buffer;
    private readonly GroupBarrier _barrier;
    private CtrlFailure? _linkFailure;

    public CtrlTask(CtrlArguments arguments, RoleEnvironment environment, GoLog containerLog)
    {
        (_arguments, _environment, _time) = (arguments, environment, environment.Time);
        _http = new HttpMessageInvoker(_handler);
        _buffer = new LogBuffer(arguments.LogBufferLines);
        _log = new TaskLog(_buffer, containerLog, arguments.Task, _time);
        _barrier = new GroupBarrier(arguments.Barrier, _log, _time);
    }

    /// <summary>Runs the task; null when ctrl did all its work, whatever became of the command.</summary>
    public async Task<CtrlFailure?> Run(CancellationToken terminated)
    {
        UserLink user;
        try
        {
            user = UserLink.Listen(_environment.LocalPath(_arguments.SocketPath));
        }
        catch (CtrlFailure failure)
        {
            _log.Note(failure.Message);
            return failure;
        }

        using (user)
        {
            var actions = new TaskActions(_barrier, user, _log, _over.Token);
            var token = new AccessToken(_http, _arguments.RefreshAddress, _environment.LocalPath(_arguments.RefreshTokenFile), _time);
            var link = new LoggerLink(_arguments, _buffer, _log, token, _http, actions, _time);
            var linkRun = RunLink(link);
            var failure = await TryWork(user, link, actions, terminated);
            if (failure is not null)
                await ReportFailure(failure, user, actions);
            else
                failure = await TryFinish(link, actions, terminated);
            await _over.CancelAsync();
            await link.Close();
            _linkStop.CancelAfter(RelayMargin);
            await linkRun;
            return failure;
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        _linkLost.Dispose();
        _linkStop.Dispose();
        _over.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<CtrlFailure?> TryWork(UserLink user, LoggerLink link, TaskActions actions, CancellationToken terminated)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(terminated, _linkLost.Token);
        try
        {
            await Work(user, link, actions, either.Token);
            return null;
        }
        catch (CtrlFailure failure)
        {
            return failure;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return _linkFailure ?? new CtrlFailure(CtrlExitCode.Terminated, "Terminated.");
        }
        catch (DataTransferException exception)
        {
            return new CtrlFailure(CtrlExitCode.DataCommand, exception.Message, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new CtrlFailure(CtrlExitCode.File, $"File operation failed: {exception.Message}", exception);
        }
    }

    private async Task Work(UserLink user, LoggerLink link, TaskActions actions, CancellationToken cancellation)
    {
        await user.Accept(_arguments.UnixTimeout, _time, cancellation);
        await link.FirstConnection.WaitAsync(cancellation);
        var mover = new DataMover(_arguments, _environment, _log);
        await mover.CheckAccess(cancellation);
        var downloadStart = _time.GetUtcNow();
        await mover.DownloadInputs(cancellation);
        await SendMetric(GroupMetric.InputDownload, downloadStart, cancellation);
        await _barrier.Pass(cancellation);
        user.Start(_arguments.OutputPath);
        actions.Started();
        await Relay(user, cancellation);
        cancellation.ThrowIfCancellationRequested();
        var uploadStart = _time.GetUtcNow();
        await mover.UploadOutputs(cancellation);
        await SendMetric(GroupMetric.OutputUpload, uploadStart, cancellation);
    }

    /// <summary>After SIGTERM osmo_exec ends the command, whose last words are still to be heard.</summary>
    private async Task Relay(UserLink user, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_linkLost.Token);
        await using var onTerminated = cancellation.Register(() => stop.CancelAfter(_environment.TerminationGrace + RelayMargin));
        await user.Relay(_log, stop.Token);
    }

    private ValueTask SendMetric(GroupMetric metric, DateTimeOffset start, CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        return _log.Send(new CtrlMessage.GroupMetrics(_arguments.Task, now, $"{_arguments.RetryId}", metric, start, now), cancellation);
    }

    private async Task<CtrlFailure?> TryFinish(LoggerLink link, TaskActions actions, CancellationToken terminated)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(terminated, _linkLost.Token);
        try
        {
            await SayLogDone(link, actions, either.Token);
            return null;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return _linkFailure ?? new CtrlFailure(CtrlExitCode.Terminated, "Terminated.");
        }
    }

    /// <summary>Until it is answered (contract: runtime-protocol §4 step 13).</summary>
    private async Task SayLogDone(LoggerLink link, TaskActions actions, CancellationToken cancellation)
    {
        while (true)
        {
            if (link.IsConnected)
                await _log.Send(new CtrlMessage.LogDone(_arguments.Task, _time.GetUtcNow()), cancellation);
            try
            {
                await actions.LogDone.WaitAsync(LoggerProtocol.LogDoneInterval, _time, cancellation);
                return;
            }
            catch (TimeoutException)
            {
                // Ask again.
            }
        }
    }

    /// <summary>Unlike upstream's, gets the reason and the lines before it out.</summary>
    private async Task ReportFailure(CtrlFailure failure, UserLink user, TaskActions actions)
    {
        user.ReportFailure(_log);
        using var limit = new CancellationTokenSource(DrainLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _linkLost.Token);
        try
        {
            if (failure.Code != CtrlExitCode.Terminated)
                await _log.Write(LogStream.OsmoCtrl, failure.Message, either.Token);
            await _log.Send(new CtrlMessage.LogDone(_arguments.Task, _time.GetUtcNow()), either.Token);
            await actions.LogDone.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            _log.Note("The last lines may not have reached the control plane.");
        }
    }

    private async Task RunLink(LoggerLink link)
    {
        try
        {
            await link.Run(_linkStop.Token);
        }
        catch (OperationCanceledException) when (_linkStop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception)
        {
            // Whatever it was: without its link the task would wait for ever.
            _linkFailure = exception as CtrlFailure ?? new CtrlFailure(CtrlExitCode.Other, $"The link to the logger failed: {exception}", exception);
            await _linkLost.CancelAsync();
        }
    }
}
