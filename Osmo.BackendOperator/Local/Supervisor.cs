using System.Diagnostics;

namespace Osmo.BackendOperator.Local;

/// <summary>
/// The supervisor process of one pod. It runs in a session of its own with its output in files, so that it outlives this
/// process, and holds a lock for as long as it lives.
/// </summary>
internal sealed class Supervisor : IDisposable
{
    // The process writes its own id before it becomes the supervisor: there is no moment at which it runs and is not known.
    private const string Script = """
        echo $$ > "$1/supervisor.pid"; d="$1"; shift
        if command -v setsid >/dev/null 2>&1; then exec setsid "$@" </dev/null >"$d/supervisor.log" 2>&1; fi
        exec "$@" </dev/null >"$d/supervisor.log" 2>&1
        """;

    /// <summary>What of our environment a pod gets to see.</summary>
    private static readonly string[] InheritedVariables =
    [
        "PATH", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DOTNET_ROOT", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    ];

    private readonly PodPaths _paths;
    private readonly Process? _child;
    private FileStream? _lock;

    private Supervisor(PodPaths paths, Process? child)
    {
        _paths = paths;
        _child = child;
    }

    /// <summary>Whether one was ever started for this pod.</summary>
    public static bool WasStarted(PodPaths paths) => File.Exists(paths.Pid);

    /// <exception cref="System.ComponentModel.Win32Exception">No process could be started.</exception>
    public static Supervisor Start(PodPaths paths, IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = paths.Directory, UseShellExecute = false };
        foreach (var argument in (IEnumerable<string>)["-c", Script, "sh", paths.Directory, .. command, paths.Directory])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var name in InheritedVariables)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        start.Environment["HOME"] = paths.Home;
        start.Environment[PodProcesses.Mark] = paths.Uid;
        return new Supervisor(paths, Process.Start(start));
    }

    /// <summary>Takes over one that an earlier process of ours started, alive or not.</summary>
    public static Supervisor Adopt(PodPaths paths) => new(paths, child: null);

    /// <summary>Completes when the supervisor ends; for an adopted one never: ask <see cref="IsGone"/> now and then.</summary>
    public Task WaitForExitAsync(CancellationToken cancellation) =>
        _child?.WaitForExitAsync(cancellation) ?? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);

    /// <summary>
    /// Whether it has ended. A dead one's lock is taken and kept: a supervisor that was about to start when its parent was
    /// killed then finds the lock taken, and goes.
    /// </summary>
    public bool IsGone()
    {
        if (_child is not null)
        {
            return _child.HasExited;
        }

        if (_lock is not null)
        {
            return true;
        }

        try
        {
            _lock = new FileStream(_paths.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _lock?.Dispose();
        _child?.Dispose();
    }
}
