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

    /// <summary>Rounds of killing what still appears; a pod that forks faster than this for so long is reported.</summary>
    private const int KillRoundsMax = 500;

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

        for (var round = 0; round < KillRoundsMax; round++)
        {
            var living = Find(MarkOf(paths), supervisor);
            if (living.Count == 0)
            {
                return true;
            }

            foreach (var pid in living)
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

    /// <summary>Marked processes, and those in the supervisor's session while it is certain whose session that is.</summary>
    private static List<int> Find(byte[] mark, int? supervisor)
    {
        var processes = new List<(int Pid, int Session, bool IsMarked)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && SessionOfLiving(pid) is { } session)
            {
                processes.Add((pid, session, HasMark(pid, mark)));
            }
        }

        var sessions = processes.Where(process => process.IsMarked && process.Session == supervisor).Select(process => process.Session).ToHashSet();
        return [.. processes.Where(process => process.IsMarked || sessions.Contains(process.Session)).Select(process => process.Pid)];
    }

    /// <returns>Null for a process that is gone or a zombie.</returns>
    private static int? SessionOfLiving(int pid)
    {
        try
        {
            // pid (command) state ppid pgrp session …; the command may hold anything, so read from its last parenthesis.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : int.Parse(fields[3], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool HasMark(int pid, byte[] mark)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{pid}/environ").AsSpan().IndexOf(mark) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static byte[] MarkOf(PodPaths paths) => Encoding.UTF8.GetBytes($"{Mark}={paths.Uid}\0");

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
