using System.CommandLine;

namespace Osmo.Cli.Arguments;

/// <summary>How much is said on stderr beside the result; the numbers are those that users may write.</summary>
internal enum LogLevel
{
    Debug = 10,
    Info = 20,
    Warning = 30,
    Error = 40,
    Critical = 50,
}

/// <summary><c>--log-level</c>, which stands before the module (contract: cli §5).</summary>
internal sealed class LogLevelOption : Option<LogLevel>
{
    public LogLevelOption()
        : base("--log-level")
    {
        Description = "How much to say on stderr: DEBUG shows every request, ERROR and above hide the service's notices (Default INFO).";
        HelpName = "LOG_LEVEL";
        DefaultValueFactory = _ => LogLevel.Info;
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Level(text) is { } level)
            {
                return level;
            }

            result.AddError(
                $"argument --log-level: '{text}' is none of CRITICAL, FATAL, ERROR, WARNING, WARN, INFO, DEBUG, 10, 20, 30, 40, 50");
            return LogLevel.Info;
        };
    }

    public static LogLevel In(ParseResult arguments) =>
        arguments.GetValue(arguments.RootCommandResult.Command.Options.OfType<LogLevelOption>().Single());

    private static LogLevel? Level(string text) => text.ToUpperInvariant() switch
    {
        "DEBUG" or "10" => LogLevel.Debug,
        "INFO" or "20" => LogLevel.Info,
        "WARNING" or "WARN" or "30" => LogLevel.Warning,
        "ERROR" or "40" => LogLevel.Error,
        "CRITICAL" or "FATAL" or "50" => LogLevel.Critical,
        _ => null,
    };
}
