using Osmo.Runtime.Arguments;

namespace Osmo.Runtime.User;

/// <summary>What osmo_exec prepares around the user's command, and leaves behind for ctrl.</summary>
internal static class UserSurroundings
{
    private const UnixFileMode AnyRead = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode AnyEnter = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode HistoryMode = AnyRead | UnixFileMode.UserWrite;

    /// <summary>The command's environment: the container's, with OSMO's programs at the end of PATH.</summary>
    public static Dictionary<string, string> CommandEnvironment(UserArguments arguments, RoleEnvironment environment)
    {
        var variables = new Dictionary<string, string>(environment.Variables, StringComparer.Ordinal);
        var tools = environment.LocalPath(arguments.UserBinPath);
        variables["PATH"] = environment.Variable("PATH") is { } path ? $"{path}:{tools}" : tools;
        return variables;
    }

    /// <summary>
    /// The shell history and completion of exec sessions. Their absence is only worth a warning (contract: runtime-protocol §2.3).
    /// </summary>
    public static void PrepareShell(UserArguments arguments, RoleEnvironment environment, GoLog log)
    {
        try
        {
            var history = environment.LocalPath(arguments.HistoryFilePath);
            if (Directory.Exists(Path.GetDirectoryName(history)) && !File.Exists(history))
            {
                File.WriteAllBytes(history, []);
                File.SetUnixFileMode(history, HistoryMode);
            }

            var completion = environment.LocalPath(arguments.AutoCompleteScriptPath);
            if (environment.Variable("HOME") is { } home && File.Exists(completion))
                AppendOnce(Path.Combine(home, ".bashrc"), $"source {completion} 2>/dev/null || true");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.Print($"Warning: shell history or completion is not available: {exception.Message}");
        }
    }

    /// <summary>Makes everything in the output folder readable for ctrl, which may run as another user.</summary>
    /// <returns>What could not be changed; empty when all could.</returns>
    public static IReadOnlyList<string> MakeReadable(string outputFolder)
    {
        const int MaximumProblems = 20;
        var problems = new List<string>();
        var folders = new Stack<string>();
        if (Directory.Exists(outputFolder))
            folders.Push(outputFolder);
        while (folders.TryPop(out var folder) && problems.Count < MaximumProblems)
        {
            try
            {
                Add(folder, AnyRead | AnyEnter);
                foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
                {
                    if (entry.LinkTarget is not null)
                        continue;
                    if (entry is DirectoryInfo)
                        folders.Push(entry.FullName);
                    else
                        Add(entry.FullName, AnyRead);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                problems.Add($"{folder}: {exception.Message}");
            }
        }

        return problems;
    }

    private static void Add(string path, UnixFileMode bits)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & bits) != bits)
            File.SetUnixFileMode(path, mode | bits);
    }

    private static void AppendOnce(string file, string line)
    {
        if (!File.Exists(file) || !File.ReadLines(file).Contains(line))
            File.AppendAllText(file, line + "\n");
    }
}
