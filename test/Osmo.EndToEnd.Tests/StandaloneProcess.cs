using System.Diagnostics;

namespace Osmo.EndToEnd.Tests;

/// <summary>How a standalone ended.</summary>
internal sealed record Ended(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Errors}";
}

/// <summary>The program as a user starts it. It is killed when it is disposed.</summary>
internal sealed class StandaloneProcess : IAsyncDisposable
{
    /// <summary>For everything that takes seconds on an idle machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly List<(Func<string, bool> Matches, TaskCompletionSource<string?> Found)> _waiting = [];

    private StandaloneProcess(Process process) => _process = process;

    public int Pid => _process.Id;

    public static StandaloneProcess Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Installation.Standalone, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("OSMO_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        var started = new StandaloneProcess(Process.Start(start)!);
        started._process.OutputDataReceived += (_, line) => started.Take(line.Data);
        started._process.ErrorDataReceived += (_, line) => started.TakeError(line.Data);
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<Ended> Run(params IEnumerable<string> arguments)
    {
        await using var process = Start(arguments);
        return await process.End();
    }

    /// <summary>The first line on stdout that matches, also one that came already.</summary>
    public async Task<string> Line(Func<string, bool> matches)
    {
        Task<string?> found;
        lock (_lock)
        {
            if (_output.FirstOrDefault(matches) is { } known)
            {
                return known;
            }

            var waiting = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((matches, waiting));
            found = waiting.Task;
        }

        return await found.WaitAsync(Limit) ?? throw new InvalidOperationException($"It ended before that line: {await End()}");
    }

    public void Signal(int signal) => Signals.Send(_process.Id, signal);

    /// <summary>Waits for the end of the process and of its output.</summary>
    public async Task<Ended> End()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        lock (_lock)
        {
            return new Ended(_process.ExitCode, string.Join('\n', _output), string.Join('\n', _errors));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        lock (_lock)
        {
            if (line is not null)
            {
                _output.Add(line);
            }

            foreach (var waiting in _waiting.Where(waiting => line is null || waiting.Matches(line)).ToList())
            {
                _waiting.Remove(waiting);
                waiting.Found.SetResult(line);
            }
        }
    }

    private void TakeError(string? line)
    {
        lock (_lock)
        {
            if (line is not null)
            {
                _errors.Add(line);
            }
        }
    }
}
