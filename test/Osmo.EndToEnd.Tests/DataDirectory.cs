using System.Globalization;
using System.Text;
using Osmo.Testing;

namespace Osmo.EndToEnd.Tests;

/// <summary>A fresh data directory with a port that goes with it; nothing of it, file or process, outlives its disposal.</summary>
internal sealed class DataDirectory : IDisposable
{
    public DataDirectory()
    {
        // Short, since sockets of tasks lie below it.
        Path = System.IO.Path.Combine("/tmp", $"osmo-e2e-{System.IO.Path.GetRandomFileName()[..8]}");
        Port = FreePort.Next();
    }

    public string Path { get; }

    /// <summary>Of every standalone on this directory: tasks of an earlier one dial it again.</summary>
    public int Port { get; }

    public string[] Arguments => ["--data-dir", Path, "--port", $"{Port}"];

    /// <summary>Directories of pods that were not cleaned up.</summary>
    public IEnumerable<string> PodDirectories =>
        from parent in new[] { $"{Path}/pods", $"{Path}/volumes" }
        where Directory.Exists(parent)
        from directory in Directory.EnumerateDirectories(parent)
        select directory;

    /// <summary>Living processes of pods in this directory, wherever in the process tree they are.</summary>
    public IReadOnlyList<int> PodProcesses()
    {
        var home = Encoding.UTF8.GetBytes($"\0HOME={Path}/volumes/");
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(System.IO.Path.GetFileName)
            .Select(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && Environment(pid).AsSpan().IndexOf(home) >= 0)];
    }

    /// <summary>Waits until neither processes nor directories of pods are left.</summary>
    public async Task Tidy()
    {
        await Quiet();
        await Eventually.Holds(() => !PodDirectories.Any(), () => $"directories {string.Join(' ', PodDirectories)} are left", StandaloneProcess.Limit);
    }

    /// <summary>Waits until no process of a pod is left: one that was killed still needs a moment of a processor to end.</summary>
    public Task Quiet() =>
        Eventually.Holds(() => PodProcesses().Count == 0, () => $"processes {string.Join(' ', PodProcesses())} are left", StandaloneProcess.Limit);

    public void Dispose()
    {
        // As long as one lives it may make new files.
        SpinWait.SpinUntil(NoneIsLeft, StandaloneProcess.Limit);
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    private bool NoneIsLeft()
    {
        var left = PodProcesses();
        foreach (var pid in left)
        {
            Signals.Send(pid, Signals.Kill);
        }

        return left.Count == 0;
    }

    /// <returns>With a leading NUL, so that every variable has one before it; empty for a process that is gone or a zombie.</returns>
    private static byte[] Environment(int pid)
    {
        try
        {
            return [0, .. File.ReadAllBytes($"/proc/{pid}/environ")];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
