namespace Osmo.Cli.Arguments;

/// <summary>The command line is not one that <c>osmo</c> understands; <paramref name="command"/> is the command it was for, such as <c>osmo pool list</c>.</summary>
internal sealed class UsageException(string command, string message) : Exception(message)
{
    public string Command { get; } = command;
}
