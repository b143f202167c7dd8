using Osmo.Runtime.Ctrl;
using Osmo.Runtime.User;

namespace Osmo.Runtime.Tests;

/// <summary>The two roles of a task side by side in this process, on a directory of their own.</summary>
public sealed class TaskPod : IDisposable
{
    /// <summary>Longer than anything takes on a busy machine; only a failing test waits for so long.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    public TaskPod()
    {
        Root = Directory.CreateTempSubdirectory("osmo-pod").FullName;
        SocketPath = Path.Combine(Root, "socket", "data.sock");
        foreach (var name in (string[])["input", "output", "socket", "store"])
            Directory.CreateDirectory(Path.Combine(Root, name));
        File.WriteAllText(Path.Combine(Root, "refresh_token"), "0123456789012345678901234567890123456789abc");
    }

    public string Root { get; }

    public string Output => Path.Combine(Root, "output");

    public string Store => Path.Combine(Root, "store");

    public string SocketPath { get; set; }

    public MemoryStream CtrlOutput { get; } = new();

    public MemoryStream UserOutput { get; } = new();

    public string? TerminationMessage => File.Exists(TerminationFile) ? File.ReadAllText(TerminationFile) : null;

    private string TerminationFile => Path.Combine(Root, "termination");

    public RoleEnvironment Environment(Stream output) => new()
    {
        Variables = new Dictionary<string, string> { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" },
        WorkingDirectory = Root,
        Output = output,
        TerminationMessageFile = TerminationFile,
        TerminationGrace = Limit,
    };

    public Task<int> Ctrl(int port, CancellationToken terminated = default, params string[] more) => Task.Run(() => new CtrlRole().Run(
        [
            "-socketPath", SocketPath, "-inputPath", Path.Combine(Root, "input"), "-outputPath", Output, "-workflow", "wf-1", "-groupName", "g",
            "-retryId", "0", "-logSource", "task1", "-host", "127.0.0.1", "-port", $"{port}", "-refreshToken", Path.Combine(Root, "refresh_token"),
            .. more,
        ],
        Environment(CtrlOutput),
        terminated));

    public Task<int> User(CancellationToken terminated, params string[] command) => Task.Run(() => new UserRole().Run(
        ["-socketPath", SocketPath, "-historyFilePath", Path.Combine(Root, "history"), .. command.SelectMany(part => (string[])["-commands", part])],
        Environment(UserOutput),
        terminated));

    /// <summary>Runs a task to the end: exit codes of ctrl and of the command.</summary>
    public async Task<(int Ctrl, int User)> RunTask(int port, string[] command, params string[] ctrlArguments)
    {
        var ctrl = Ctrl(port, default, ctrlArguments);
        var user = User(default, command);
        return (await ctrl.WaitAsync(Limit), await user.WaitAsync(Limit));
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
