using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Osmo.Runtime.Processes;

/// <summary>Reads a child's pipe on a thread of its own, chunk by chunk in order. A slow consumer makes the child wait.</summary>
/// <remarks>
/// Asynchronous reads of a pipe would occupy a pool thread just the same. The thread ends at the end of the pipe, or once the child has
/// ended and nothing more came for <see cref="SilenceAfterExit"/>: a process that left the child's group may hold the pipe open for ever.
/// </remarks>
internal sealed unsafe class PipeReader
{
    private const int ChunkBytes = 64 * 1024;
    private const int PollMilliseconds = 200;
    private const int ThreadStackBytes = 256 * 1024;

    private readonly SafeFileHandle _pipe;
    private readonly Chunk _consume;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _childEnded;

    private PipeReader(SafeFileHandle pipe, Chunk consume, TimeProvider time) => (_pipe, _consume, _time) = (pipe, consume, time);

    /// <summary>Gets each chunk; an empty one at the end.</summary>
    public delegate void Chunk(ReadOnlySpan<byte> bytes);

    public static TimeSpan SilenceAfterExit { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Everything was consumed. Fails when the consumer did.</summary>
    public Task Ended => _ended.Task;

    public static PipeReader Start(SafeFileHandle pipe, Chunk consume, TimeProvider time)
    {
        var reader = new PipeReader(pipe, consume, time);
        new Thread(reader.Run, ThreadStackBytes) { IsBackground = true, Name = "pipe" }.Start();
        return reader;
    }

    /// <summary>From now on silence counts as the end.</summary>
    public void ChildEnded() => _childEnded = true;

    private void Run()
    {
        try
        {
            var buffer = new byte[ChunkBytes];
            while (WaitForBytes())
            {
                var count = Read(buffer);
                if (count == 0)
                    break;
                _consume(buffer.AsSpan(0, count));
            }

            _consume(default);
            _ended.SetResult();
        }
        catch (Exception exception)
        {
            // Whoever awaits the end gets it.
            _ended.SetException(exception);
        }
    }

    private int Read(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            nint count;
            while ((count = Libc.Read((int)_pipe.DangerousGetHandle(), start, (nuint)buffer.Length)) < 0)
            {
                if (Marshal.GetLastPInvokeError() is var error and not Libc.ErrorInterrupted)
                    throw new Win32Exception(error, "A pipe could not be read.");
            }

            return (int)count;
        }
    }

    private bool WaitForBytes()
    {
        long? silentSince = null;
        var poll = new Libc.PollFd { Fd = (int)_pipe.DangerousGetHandle(), Events = Libc.PollIn };
        while (true)
        {
            var ready = Libc.Poll(&poll, 1, PollMilliseconds);
            if (ready > 0)
                return true;
            if (ready < 0 && Marshal.GetLastPInvokeError() is var error and not Libc.ErrorInterrupted)
                throw new Win32Exception(error, "A pipe could not be polled.");
            if (!_childEnded)
                continue;
            silentSince ??= _time.GetTimestamp();
            if (_time.GetElapsedTime(silentSince.Value) >= SilenceAfterExit)
                return false;
        }
    }
}
