using Osmo.Cli.Client;

namespace Osmo.Cli;

/// <summary>The client itself refuses to go on; the message is for the user (contract: cli §7).</summary>
internal sealed class CommandException(string message, int exitCode = ExitCodes.User, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
