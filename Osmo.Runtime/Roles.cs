using Osmo.Runtime.Ctrl;
using Osmo.Runtime.Init;
using Osmo.Runtime.User;

namespace Osmo.Runtime;

/// <summary>Which role a command line asks for, by the program's name or its first argument.</summary>
internal static class Roles
{
    public const string Allowed = "init, ctrl, user, pod";

    /// <summary>
    /// The role a container's command names (<c>osmo_init</c>, <c>/osmo/bin/osmo_ctrl</c>, <c>/osmo/bin/osmo_exec</c>), or null for any
    /// other program.
    /// </summary>
    public static IRole? OfProgram(string command) => Path.GetFileName(command) switch
    {
        "osmo_init" => new InitRole(),
        "osmo_ctrl" => new CtrlRole(),
        "osmo_exec" => new UserRole(),
        _ => null,
    };

    /// <summary>The role of a first argument; <c>pod</c> is not one of a container.</summary>
    public static IRole? OfArgument(string argument) => argument switch
    {
        "init" => new InitRole(),
        "ctrl" => new CtrlRole(),
        "user" => new UserRole(),
        _ => null,
    };
}
