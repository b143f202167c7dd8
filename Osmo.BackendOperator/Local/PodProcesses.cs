using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Osmo.BackendOperator.Local;

/// <summary>Finds and ends the processes of a pod, also those that left its session or outlived its supervisor.</summary>
internal static partial class PodProcesses
{
    public const int SigTerm = 15;

    public const int SigKill = 9;

    /// <summary>Environment variable that every process of a pod inherits; its value is the pod's uid.</summary>
    public const string Mark = "OSMO_LOCAL_POD_UID";

    private static readonly TimeSpan KillPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Rounds of killing what still appears; a pod that forks faster than this, or does not end, for so long is reported.</summary>
    private const int KillRoundsMax = 500;

    /// <summary>Rounds of waiting for processes that do not show whose they are; somebody else's may be among them.</summary>
    private const int DoubtRoundsMax = 100;

    /// <summary>Sends a signal to the supervisor if it still is this pod's.</summary>
    public static void SignalSupervisor(PodPaths paths, int signal)
    {
        if (SupervisorPid(paths) is { } pid && (!OperatingSystem.IsLinux() || HasMark(pid, MarkOf(paths))))
        {
            _ = Kill(pid, signal);
        }
    }

    /// <summary>Kills all processes of the pod and returns when none is left.</summary>
    /// <returns>False when some could not be ended.</returns>
    public static async Task<bool> KillAllAsync(PodPaths paths, TimeProvider time, CancellationToken cancellation)
    {
        var supervisor = SupervisorPid(paths);
        if (!OperatingSystem.IsLinux())
        {
            // Without /proc the session's leader and its group are all that can be known.
            if (supervisor is { } leader)
            {
                _ = Kill(-leader, SigKill);
            }

            return true;
        }

        var doubts = 0;
        HashSet<(int Pid, string StartedAt)> living = [];
        for (var round = 0; round < KillRoundsMax; round++)
        {
            var isCertain = Find(MarkOf(paths), supervisor, living);
            if (living.Count == 0 && (isCertain || ++doubts > DoubtRoundsMax))
            {
                return true;
            }

            foreach (var (pid, _) in living)
            {
                _ = Kill(pid, SigKill);
            }

            await Task.Delay(KillPause, time, cancellation);
        }

        return false;
    }

    private static int? SupervisorPid(PodPaths paths)
    {
        try
        {
            var text = File.ReadAllText(paths.Pid).Trim();
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 1 ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>
    /// Marked processes, and those in the supervisor's session while it is certain whose session that is. One that ends has no environment any more to be known by, but it may hold its
    /// files and ports for seconds if it had much memory.
    /// </summary>
    /// <param name="living">Those that were found before; then those there are.</param>
    /// <returns>Not certain while orphans, or children of this process, are just ending, or becoming another program, that were not found before.</returns>
    private static bool Find(byte[] mark, int? supervisor, HashSet<(int Pid, string StartedAt)> living)
    {
        var isCertain = true;
        var processes = new List<(int Pid, string StartedAt, int Session, bool IsMarked)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && Living(pid) is var (parent, session, startedAt))
            {
                var environment = Read(pid, "environ");
                processes.Add((pid, startedAt, session, environment.AsSpan().IndexOf(mark) >= 0));
                isCertain &= !(parent == 1 || parent == Environment.ProcessId)
                    || environment is not { Length: 0 } || Read(pid, "cmdline") is not { Length: 0 };
            }
        }

        var sessions = processes.Where(process => process.IsMarked && process.Session == supervisor).Select(process => process.Session).ToHashSet();
        living.IntersectWith(processes.Select(process => (process.Pid, process.StartedAt)));
        living.UnionWith(processes.Where(process => process.IsMarked || sessions.Contains(process.Session)).Select(process => (process.Pid, process.StartedAt)));
        return isCertain;
    }

    /// <returns>Null for a process that is gone or a zombie.</returns>
    private static (int Parent, int Session, string StartedAt)? Living(int pid)
    {
        try
        {
            // pid (command) state ppid pgrp session … starttime …; the command may hold anything, so read from its last parenthesis.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X"
                ? null
                : (int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture), fields[19]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool HasMark(int pid, byte[] mark) => Read(pid, "environ").AsSpan().IndexOf(mark) >= 0;

    /// <returns>Nothing for a process that has let go of its memory; null for another user's.</returns>
    private static byte[]? Read(int pid, string file)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{pid}/{file}");
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static byte[] MarkOf(PodPaths paths) => Encoding.UTF8.GetBytes($"{Mark}={paths.Uid}\0");

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
