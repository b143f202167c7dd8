using System.CommandLine;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Login;

namespace Osmo.Cli.Commands;

/// <summary>A command that talks to the service in the name of who is logged in.</summary>
internal abstract class ServiceCommand : Command
{
    protected ServiceCommand(string name, string description, Surroundings surroundings)
        : base(name, description)
    {
        Surroundings = surroundings;
        SetAction((arguments, cancellation) => Run(arguments, Service.Of(arguments, surroundings), cancellation));
    }

    protected Surroundings Surroundings { get; }

    protected TextWriter Output => Surroundings.Output;

    /// <returns>The exit code.</returns>
    protected abstract Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation);

    protected void WriteLine(string line) => Output.Write($"{line}\n");
}

/// <summary>The service of the login in use.</summary>
internal static class Service
{
    /// <exception cref="CommandException">Nobody is logged in.</exception>
    public static OsmoClient Of(ParseResult arguments, Surroundings surroundings)
    {
        var file = new LoginFile(surroundings.ConfigDirectory);
        var state = file.Read() ?? throw new CommandException("Must login first with \"login\" command");
        return Of(arguments, surroundings, state, file);
    }

    /// <param name="announcesVersion">False for what must work with a client that is too old.</param>
    public static OsmoClient Of(
        ParseResult arguments,
        Surroundings surroundings,
        LoginState state,
        LoginFile file,
        bool announcesVersion = true,
        int retries = OsmoClient.RetriesMax)
    {
        var session = new LoginSession(
            state, file, new TokenService(surroundings.Http, surroundings.Time), surroundings.Time, surroundings.SendsUserWithToken);
        var level = LogLevelOption.In(arguments);
        var said = new HashSet<string>();
        return new OsmoClient(surroundings.Http, new Uri(state.Url), session.Identify)
        {
            AnnouncesVersion = announcesVersion,
            Retries = retries,
            Time = surroundings.Time,
            OnNotice = level >= LogLevel.Error ? null : notice =>
            {
                // The service repeats itself with every answer.
                if (said.Add(notice))
                {
                    surroundings.Error.WriteLine(notice);
                }
            },
            OnExchange = level > LogLevel.Debug ? null : surroundings.Error.WriteLine,
        };
    }
}
