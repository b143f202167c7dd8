namespace Osmo.Cli.Arguments;

/// <summary>The command line is not one that <c>osmo</c> understands.</summary>
/// <param name="command">The command it was for, such as <c>osmo pool list</c>.</param>
internal sealed class UsageException(string command, string message) : Exception(message)
{
    public string Command { get; } = command;
}
