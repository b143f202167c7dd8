using System.CommandLine;
using System.CommandLine.Help;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;
using Osmo.Cli.Commands.Pools;
using Osmo.Cli.Commands.Profiles;
using Osmo.Cli.Commands.Resources;
using Osmo.Cli.Commands.Session;
using Osmo.Cli.Commands.Tasks;
using Osmo.Cli.Commands.Workflows;
using Osmo.Cli.Output;

namespace Osmo.Cli;

/// <summary><c>osmo</c> from its words to its exit code (contract: cli §1, §5, §7).</summary>
internal static class OsmoProgram
{
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null, EnablePosixBundling = false };

    public static async Task<int> Run(IReadOnlyList<string> words, Surroundings surroundings, CancellationToken cancellation)
    {
        var osmo = Osmo(surroundings);
        try
        {
            var arguments = osmo.Parse(ArgumentGrammar.Canonical(osmo, words.Count > 0 ? words : ["--help"]), Parsing);
            if (arguments is { Action: not HelpAction, Errors: [var error, ..] })
            {
                var command = arguments.CommandResult.Command;
                throw new UsageException(Path(command), command.Subcommands.Count > 0
                    ? $"a command is missing (choose from {string.Join(", ", command.Subcommands.Select(choice => choice.Name))})"
                    : error.Message.ReplaceLineEndings(" ").Replace('\t', ' '));
            }

            return await Invoke(arguments, surroundings, cancellation);
        }
        catch (UsageException error)
        {
            surroundings.Error.Write($"usage: {error.Command} [-h] ...\n{error.Command}: error: {error.Message}\n");
            return ExitCodes.User;
        }
        finally
        {
            await surroundings.Output.FlushAsync(CancellationToken.None);
        }
    }

    private static async Task<int> Invoke(ParseResult arguments, Surroundings surroundings, CancellationToken cancellation)
    {
        var report = new ErrorReport(surroundings, FormatOption.AsksForJson(arguments));
        try
        {
            var invocation = new InvocationConfiguration
            {
                Output = surroundings.Output,
                Error = surroundings.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await arguments.InvokeAsync(invocation, cancellation);
        }
        catch (OsmoClientException error)
        {
            return report.Write(error.Message, error.Status is { } status ? (int)status : 1, error.ExitCode);
        }
        catch (CommandException error)
        {
            return report.Write(error.Message, code: 1, error.ExitCode);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static Command Osmo(Surroundings surroundings) =>
        new("osmo", "Run workflows on the pools of an OSMO service, and look after them.")
    {
        new HelpOption("--help", "-h"),
        new LogLevelOption(),
        new LoginCommand(surroundings),
        new LogoutCommand(surroundings),
        new VersionCommand(surroundings),
        new Command("workflow", "Manage workflows submitted to the workflow service.")
        {
            new SubmitCommand(surroundings),
            new RestartCommand(surroundings),
            new ValidateCommand(surroundings),
            new LogsCommand(surroundings),
            new EventsCommand(surroundings),
            new CancelCommand(surroundings),
            new QueryCommand(surroundings),
            new WorkflowListCommand(surroundings),
            new TagCommand(surroundings),
            new SpecCommand(surroundings),
        },
        new Command("task", "Get information about tasks available.") { new TaskListCommand(surroundings) },
        new Command("resource", "Get information about resource nodes available for use.")
        {
            new ResourceListCommand(surroundings),
            new ResourceInfoCommand(surroundings),
        },
        new Command("profile", "Manage user profile.") { new ProfileSetCommand(surroundings), new ProfileListCommand(surroundings) },
        new Command("pool", "Command to show pool information.") { new PoolListCommand(surroundings) },
    };

    /// <summary>A command as it is typed, such as <c>osmo pool list</c>.</summary>
    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{Path(parent)} {command.Name}" : command.Name;
}
