namespace Osmo.Runtime.Processes;

/// <summary>Finds the file of a command as execvp(3) does, but says why when there is none.</summary>
internal static class ExecutablePath
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public static string Find(SpawnRequest request)
    {
        var command = request.Command;
        if (command.Contains('/', StringComparison.Ordinal))
            return Check(Path.GetFullPath(command, request.WorkingDirectory), command);
        var search = request.Environment.GetValueOrDefault("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
        foreach (var directory in search.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var candidate = Path.Combine(Path.GetFullPath(directory, request.WorkingDirectory), command);
            if (command.Length > 0 && IsExecutable(candidate))
                return candidate;
        }

        throw new SpawnException($"exec: \"{command}\": executable file not found in $PATH", SpawnException.NotFoundCode);
    }

    private static string Check(string path, string command)
    {
        if (IsExecutable(path))
            return path;
        throw File.Exists(path) || Directory.Exists(path)
            ? new SpawnException($"fork/exec {command}: permission denied", SpawnException.NotExecutableCode)
            : new SpawnException($"fork/exec {command}: no such file or directory", SpawnException.NotFoundCode);
    }

    private static bool IsExecutable(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0;
}
