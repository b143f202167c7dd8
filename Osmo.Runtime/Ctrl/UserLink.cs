using System.Net.Sockets;
using System.Text.Json;
using Osmo.Protocol.Runtime;
using Osmo.Runtime.PodSocket;

namespace Osmo.Runtime.Ctrl;

/// <summary>Ctrl's side of the pod's socket: the first connection, to osmo_exec (contract: runtime-protocol §5).</summary>
/// <remarks>Later connections will be exec sessions; the listener lives as long as this.</remarks>
internal sealed class UserLink : IDisposable
{
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;

    private readonly Socket _listener;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _connection;
    private PodMessageWriter? _writer;
    private PodMessageReader? _reader;
    private volatile TaskCompletionSource? _stopped;

    private UserLink(Socket listener) => _listener = listener;

    /// <summary>The user's command was started and has not ended for good.</summary>
    public bool IsRunning { get; private set; }

    /// <exception cref="CtrlFailure">The socket cannot be made.</exception>
    public static UserLink Listen(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            using var address = PodSocketAddress.Open(path);
            listener.Bind(address.EndPoint);
            listener.Listen();
            File.SetUnixFileMode(path, Everyone);
            return new UserLink(listener);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or SocketException or ArgumentException
            or System.ComponentModel.Win32Exception)
        {
            listener.Dispose();
            throw new CtrlFailure(CtrlExitCode.UnixSocket, $"Socket '{path}' cannot be made: {exception.Message}", exception);
        }
    }

    /// <exception cref="CtrlFailure">Nobody came within <paramref name="timeout"/>.</exception>
    public async Task Accept(TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            _connection = await _listener.AcceptAsync(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new CtrlFailure(CtrlExitCode.UnixSocket, $"osmo_exec did not connect within {timeout.TotalMinutes} minutes.", exception);
        }

        _writer = new PodMessageWriter(_connection);
        _reader = new PodMessageReader(_connection);
    }

    public void Start(string outputFolder)
    {
        Send(new PodMessage.ExecStart(outputFolder));
        IsRunning = true;
    }

    /// <summary>Tells osmo_exec, if it ever came, that there will be nothing to run.</summary>
    public void ReportFailure(TaskLog log)
    {
        if (_writer is null || IsRunning)
            return;
        try
        {
            _writer.Send(new PodMessage.CtrlFailed());
        }
        catch (SocketException exception)
        {
            log.Note($"osmo_exec could not be told: {exception.Message}");
        }
    }

    /// <summary>Hands the command's output on until its last word, or the connection breaks.</summary>
    public async Task Relay(TaskLog log, CancellationToken cancellation)
    {
        try
        {
            while (await Next(log, cancellation) is { } message)
            {
                switch (message)
                {
                    case PodMessage.Output output:
                        await log.Relay(output.Stream, output.Text, cancellation);
                        break;
                    case PodMessage.UserStopFinished:
                        _stopped?.TrySetResult();
                        break;
                    case PodMessage.ExecFinished:
                        return;
                    case PodMessage.ExecFailed failed:
                        await log.Relay(LogStream.Stderr, failed.Error.TrimEnd('\n'), cancellation);
                        return;
                }
            }
        }
        finally
        {
            IsRunning = false;
            _ended.TrySetResult();
        }
    }

    /// <summary>Kills the command. False when it ended by itself first.</summary>
    public async Task<bool> Stop(CancellationToken cancellation)
    {
        var stopped = _stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Send(new PodMessage.UserStop());
        return await Task.WhenAny(stopped.Task, _ended.Task).WaitAsync(cancellation) == stopped.Task;
    }

    public void StartAgain() => Send(new PodMessage.UserStart());

    public void Dispose()
    {
        _writer?.Dispose();
        _connection?.Dispose();
        _listener.Dispose();
    }

    private void Send(PodMessage message)
    {
        try
        {
            _writer!.Send(message);
        }
        catch (SocketException exception)
        {
            throw new CtrlFailure(CtrlExitCode.UnixSocket, $"osmo_exec is gone: {exception.Message}", exception);
        }
    }

    private async ValueTask<PodMessage?> Next(TaskLog log, CancellationToken cancellation)
    {
        string problem;
        try
        {
            if (await _reader!.Read(cancellation) is { } message)
                return message;
            problem = "EOF";
        }
        catch (Exception exception) when (exception is SocketException or JsonException)
        {
            problem = exception.Message;
        }

        await log.Write(LogStream.OsmoCtrl, $"Failed to parse response: {problem}", cancellation);
        return null;
    }
}
