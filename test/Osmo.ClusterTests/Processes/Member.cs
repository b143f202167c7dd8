using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;

namespace Osmo.ClusterTests.Processes;

/// <summary>What a process of a cluster is.</summary>
internal enum MemberKind
{
    Silo = 1,
    Gateway,
    Operator,
}

/// <summary>A silo, a gateway or an operator as a process of its own. It can be started again, at the same ports; it is killed when it is disposed.</summary>
/// <param name="number">Of its kind, from 1.</param>
/// <param name="place">Where it lives.</param>
/// <param name="healthPort">Where it says how it is.</param>
/// <param name="logFile">Gets all that it writes; null: only <see cref="Log"/> does.</param>
internal sealed partial class Member(MemberKind kind, int number, Place place, string program, int healthPort, IReadOnlyList<string> arguments, string? logFile = null) : IAsyncDisposable
{
    public const int Interrupt = 2, Kill = 9, Terminate = 15, Continue = 18, Stop = 19;

    /// <summary>For what takes seconds on an idle machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    /// <summary>For what is still to be done when nothing new comes.</summary>
    public static readonly TimeSpan RestPatience = TimeSpan.FromMinutes(2);

    private const int LinesKept = 2000;

    private const int LinesOfTail = 12;

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Lock _lives = new();
    private readonly StreamWriter? _file = logFile is null ? null : new StreamWriter(logFile, append: true) { AutoFlush = true };
    private Process? _process;
    private bool _toldToEnd;

    public string Name => $"{kind.ToString().ToLowerInvariant()} {number}";

    public Place Place => place;

    /// <summary>Processor time of the life it lives now.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process!.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public bool IsRunning
    {
        get
        {
            lock (_lives)
            {
                return _process is { HasExited: false };
            }
        }
    }

    /// <summary>Nobody told it to.</summary>
    public bool HasEndedByItself
    {
        get
        {
            lock (_lives)
            {
                return !_toldToEnd && _process is { HasExited: true };
            }
        }
    }

    /// <summary>What it has written, the newest at the end; of several lives.</summary>
    public string Log => string.Join('\n', _lines);

    /// <summary>How it is, and the last of what it has written: for whoever must find out what went wrong.</summary>
    public string Tail => $"--- {Name}, {(IsRunning ? "running" : "ended")}\n{string.Join('\n', _lines.TakeLast(LinesOfTail))}";

    public void Start()
    {
        IReadOnlyList<string> command = [.. place.Prefix, program, .. arguments];
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var variable in start.Environment.Keys.Where(key => key.StartsWith("Osmo", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(variable);
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        lock (_lives)
        {
            _process?.Dispose();
            (_process, _toldToEnd) = (process, false);
        }
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public Task Ready() => Eventually.Holds(
        async () => IsRunning ? await IsReady() : throw new InvalidOperationException($"{Name} has ended with exit code {await End()}."),
        () => $"{Name} is not ready.",
        Patience);

    public async Task<bool> IsReady() => await Health("ready") == HttpStatusCode.OK;

    /// <summary>Null when nobody answers.</summary>
    public async Task<HttpStatusCode?> Health(string page)
    {
        try
        {
            using var answer = await _http.GetAsync($"http://{place.Address}:{healthPort}/{(kind == MemberKind.Operator ? $"{page}z" : $"health/{page}")}");
            return answer.StatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    public void Signal(int signal)
    {
        lock (_lives)
        {
            _toldToEnd |= signal is Interrupt or Kill or Terminate;
        }

        if (SendSignal(_process!.Id, signal) != 0) throw new InvalidOperationException($"{Name} cannot be signalled: it is gone.");
    }

    /// <summary>Its exit code.</summary>
    public async Task<int> End()
    {
        await _process!.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (IsRunning)
        {
            _process!.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _file?.WriteLine(line);
        }

        _lines.Enqueue(line);
        while (_lines.Count > LinesKept)
        {
            _lines.TryDequeue(out _);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
