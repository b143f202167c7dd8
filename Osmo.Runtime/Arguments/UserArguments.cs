using System.Collections.Immutable;

namespace Osmo.Runtime.Arguments;

/// <summary>The command line of osmo_exec (contract: runtime-protocol §3.2).</summary>
/// <remarks>Flags of checkpoints and rsync are accepted; they belong to parts that are not in this runtime yet, and are refused loudly when
/// set.</remarks>
internal sealed record UserArguments(
    string SocketPath,
    string UserBinPath,
    string RunLocation,
    string HistoryFilePath,
    string AutoCompleteScriptPath,
    TimeSpan UnixTimeout,
    ImmutableArray<string> Command,
    bool EnableRsync,
    ImmutableArray<string> Checkpoints)
{
    private static readonly string[] WithValue =
    [
        "checkpoint", "socketPath", "userBinPath", "rsyncReadLimit", "rsyncWriteLimit", "rsyncPathAllowList", "commands", "args",
        "unixTimeout", "historyFilePath", "runLocation", "cliAutoCompleteScriptPath",
    ];

    public static UserArguments Parse(IReadOnlyList<string> arguments)
    {
        var flags = Flags.Parse(arguments, WithValue, ["enableRsync"]);
        var commands = flags.All("commands");
        if (commands.IsEmpty || commands[0].Length == 0)
            throw new FlagException("flag -commands is missing or empty: it names the command to run.");
        return new UserArguments(
            flags.Text("socketPath", ""),
            flags.Text("userBinPath", "/osmo/usr/bin"),
            flags.Text("runLocation", "/osmo/run"),
            flags.Text("historyFilePath", "/osmo/data/.bash_history"),
            flags.Text("cliAutoCompleteScriptPath", "/osmo/usr/bin/osmo_cli/osmo/autocomplete.bash"),
            flags.Minutes("unixTimeout", 120),
            [.. commands, .. flags.All("args")],
            flags.Boolean("enableRsync"),
            flags.All("checkpoint"));
    }
}
