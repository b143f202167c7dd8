using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Osmo.Runtime.Processes;

/// <summary>A child in a process group of its own, started by posix_spawn(3): no helper program, no shell, no fork of our heap.</summary>
/// <remarks>
/// The child is waited for without reaping, and reaped when disposed: until then its id, and so its group's, cannot be another's,
/// and signals to the group are safe also after the child ended. One small thread waits for it.
/// </remarks>
internal sealed unsafe class ChildProcess : IDisposable
{
    private const int WaitThreadStackBytes = 128 * 1024;

    // Both C libraries keep these structures under 400 bytes.
    private const int OpaqueBytes = 1024;
    private const int SignalInfoBytes = 128;
    private const int SignalInfoCodeOffset = 8;
    private const int SignalInfoStatusOffset = 24;
    private const int ChildExited = 1;

    private readonly TaskCompletionSource<ProcessExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private bool _reaped;

    private ChildProcess(int id, SafeFileHandle output, SafeFileHandle error, SafeFileHandle? input)
    {
        Id = id;
        StandardOutput = output;
        StandardError = error;
        StandardInput = input;
        new Thread(Wait, WaitThreadStackBytes) { IsBackground = true, Name = "child" }.Start();
    }

    /// <summary>Of the process, and of its group.</summary>
    public int Id { get; }

    public SafeFileHandle StandardOutput { get; }

    public SafeFileHandle StandardError { get; }

    public SafeFileHandle? StandardInput { get; }

    public Task<ProcessExit> Exited => _exited.Task;

    /// <exception cref="SpawnException">There is no such command, or it cannot be executed.</exception>
    public static ChildProcess Start(SpawnRequest request)
    {
        var path = ExecutablePath.Find(request);
        var (outputRead, outputWrite) = OpenPipe();
        var (errorRead, errorWrite) = OpenPipe();
        var (inputRead, inputWrite) = request.PipeInput ? OpenPipe() : (null, null);
        try
        {
            var id = Spawn(path, request, inputRead, outputWrite, errorWrite);
            return new ChildProcess(id, outputRead, errorRead, inputWrite);
        }
        catch
        {
            outputRead.Dispose();
            errorRead.Dispose();
            inputWrite?.Dispose();
            throw;
        }
        finally
        {
            outputWrite.Dispose();
            errorWrite.Dispose();
            inputRead?.Dispose();
        }
    }

    /// <summary>Signals every process of the group; nothing when none is left.</summary>
    public void SignalGroup(int signal)
    {
        lock (_gate)
        {
            if (!_reaped)
                _ = Libc.Kill(-Id, signal);
        }
    }

    /// <summary>Reaps the child. One that still runs is left to itself: signal and await it first.</summary>
    public void Dispose()
    {
        StandardOutput.Dispose();
        StandardError.Dispose();
        StandardInput?.Dispose();
        lock (_gate)
        {
            if (_reaped || !_exited.Task.IsCompleted)
                return;
            _reaped = true;
            WaitFor(Libc.WaitExited);
        }
    }

    private static int Spawn(string path, SpawnRequest request, SafeFileHandle? input, SafeFileHandle output, SafeFileHandle error)
    {
        using var arguments = new NativeStrings([request.Command, .. request.Arguments]);
        using var environment = new NativeStrings([.. request.Environment.Select(pair => $"{pair.Key}={pair.Value}")]);
        using var paths = new NativeStrings([path]);
        var attributes = stackalloc byte[OpaqueBytes];
        var actions = stackalloc byte[OpaqueBytes];
        SetAttributes(attributes, request.OwnSession);
        _ = Libc.InitFileActions(actions);
        try
        {
            _ = Libc.AddChangeDirectory(actions, request.WorkingDirectory);
            if (input is null)
                _ = Libc.AddOpen(actions, 0, "/dev/null", Libc.OpenReadOnly, 0);
            else
                _ = Libc.AddDuplicate(actions, (int)input.DangerousGetHandle(), 0);
            _ = Libc.AddDuplicate(actions, (int)output.DangerousGetHandle(), 1);
            _ = Libc.AddDuplicate(actions, (int)error.DangerousGetHandle(), 2);
            int id;
            var failure = Libc.Spawn(&id, paths.Pointer[0], actions, attributes, arguments.Pointer, environment.Pointer);
            return failure == 0 ? id : throw Failure(failure, request);
        }
        finally
        {
            _ = Libc.DestroyFileActions(actions);
            _ = Libc.DestroyAttributes(attributes);
        }
    }

    private static void SetAttributes(byte* attributes, bool ownSession)
    {
        var signals = stackalloc byte[OpaqueBytes];
        _ = Libc.InitAttributes(attributes);

        // .NET ignores SIGPIPE; the child must not inherit that.
        _ = Libc.FillSignals(signals);
        _ = Libc.SetSignalDefaults(attributes, signals);
        _ = Libc.EmptySignals(signals);
        _ = Libc.SetSignalMask(attributes, signals);
        _ = Libc.SetProcessGroup(attributes, 0);
        var group = ownSession ? Libc.SpawnSetSession : Libc.SpawnSetProcessGroup;
        _ = Libc.SetFlags(attributes, (short)(group | Libc.SpawnSetSignalDefaults | Libc.SpawnSetSignalMask));
    }

    private static SpawnException Failure(int error, SpawnRequest request)
    {
        var reason = Marshal.GetPInvokeErrorMessage(error);
        var code = error is Libc.ErrorNotFound or Libc.ErrorNotDirectory ? SpawnException.NotFoundCode : SpawnException.NotExecutableCode;
        return new SpawnException($"fork/exec {request.Command} in {request.WorkingDirectory}: {reason}", code);
    }

    private static (SafeFileHandle Read, SafeFileHandle Write) OpenPipe()
    {
        var ends = stackalloc int[2];
        return Libc.Pipe(ends, Libc.OpenCloseOnExec) == 0
            ? (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true))
            : throw new Win32Exception(Marshal.GetLastPInvokeError(), "A pipe could not be made.");
    }

    private void Wait() => _exited.SetResult(WaitFor(Libc.WaitExited | Libc.WaitNoReap));

    private ProcessExit WaitFor(int options)
    {
        var info = stackalloc byte[SignalInfoBytes];
        while (Libc.WaitId(Libc.WaitByPid, (uint)Id, info, options) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Libc.ErrorInterrupted)
                throw new Win32Exception(error, $"Process {Id} could not be waited for.");
        }

        var status = *(int*)(info + SignalInfoStatusOffset);
        return *(int*)(info + SignalInfoCodeOffset) == ChildExited ? new ProcessExit(status, null) : new ProcessExit(128 + status, status);
    }
}
