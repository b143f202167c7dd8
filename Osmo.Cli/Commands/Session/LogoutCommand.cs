using System.CommandLine;
using Osmo.Cli.Login;

namespace Osmo.Cli.Commands.Session;

/// <summary><c>osmo logout</c>: forgets the login; the service is not told (contract: cli §10).</summary>
internal sealed class LogoutCommand : Command
{
    public LogoutCommand(Surroundings surroundings)
        : base("logout", "Remove stored access tokens.") =>
        SetAction(_ =>
        {
            new LoginFile(surroundings.ConfigDirectory).Delete();
            surroundings.Output.Write("Successfully logged out.\n");
        });
}
