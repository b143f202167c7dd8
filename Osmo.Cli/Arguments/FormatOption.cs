using System.CommandLine;

namespace Osmo.Cli.Arguments;

/// <summary><c>--format-type</c>, the same on every command that has a JSON form.</summary>
internal sealed class FormatOption : Option<string?>
{
    private const string Json = "json";
    private const string Text = "text";

    public FormatOption()
        : base("--format-type", "-t")
    {
        Description = "Specify the output format type (Default text).";
        HelpName = $"{Json}|{Text}";
        CustomParser = result =>
        {
            var value = result.Tokens[0].Value;
            if (value is not (Json or Text))
            {
                result.AddError($"argument --format-type: invalid choice: '{value}' (choose from {Json}, {Text})");
            }

            return value;
        };
    }

    /// <summary>True when the command was asked for JSON; false for those that have none.</summary>
    public static bool AsksForJson(ParseResult arguments) =>
        arguments.CommandResult.Command.Options.OfType<FormatOption>().FirstOrDefault() is { } option && arguments.GetValue(option) == Json;
}
