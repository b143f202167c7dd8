namespace Osmo.Runtime.Processes;

/// <summary>A process to start, in a process group of its own; its id is the group's.</summary>
/// <param name="Command">A path, or a name to be looked up in the PATH of <paramref name="Environment"/>.</param>
/// <param name="Arguments">Without the command itself.</param>
/// <param name="Environment">The whole environment.</param>
/// <param name="WorkingDirectory">An existing directory.</param>
internal sealed record SpawnRequest(
    string Command, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string WorkingDirectory)
{
    /// <summary>Give the process a pipe as standard input instead of <c>/dev/null</c>.</summary>
    public bool PipeInput { get; init; }

    /// <summary>Also give it a session of its own, away from signals to ours.</summary>
    public bool OwnSession { get; init; }
}

/// <summary>A process that did not start.</summary>
/// <param name="exitCode">What shells answer: 127 not found, 126 cannot be executed.</param>
internal sealed class SpawnException(string message, int exitCode) : Exception(message)
{
    public const int NotFoundCode = 127;
    public const int NotExecutableCode = 126;

    public int ExitCode { get; } = exitCode;
}

/// <summary>How a process ended: with a code, or by a signal.</summary>
internal readonly record struct ProcessExit(int Code, int? Signal)
{
    /// <summary>As Go's os/exec words it, which is what users see (contract: runtime-protocol §5).</summary>
    public override string ToString() => Signal is { } signal ? $"signal: {SignalName(signal)}" : $"exit status {Code}";

    private static string SignalName(int signal) => signal switch
    {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        11 => "segmentation fault",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        _ => $"signal {signal}",
    };
}
