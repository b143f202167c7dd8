using System.CommandLine;
using System.Text.Json.Nodes;
using Osmo.Cli.Arguments;
using Osmo.Cli.Client;

namespace Osmo.Cli.Commands.Profiles;

/// <summary><c>osmo profile set</c> (contract: cli §23).</summary>
internal sealed class ProfileSetCommand : ServiceCommand
{
    private readonly Argument<string?> _field =
        new Argument<string?>("field") { Arity = ArgumentArity.ExactlyOne, Description = "Field to set" }.From("notifications", "pool");
    private readonly Argument<string> _value = new("value") { Description = "Type of notification (email or slack), or name of pool" };

    private readonly Argument<string?> _enabled = new Argument<string?>("enabled")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Enable or disable, strictly for notifications (Default true).",
    }.From("true", "false");

    public ProfileSetCommand(Surroundings surroundings)
        : base("set", "Set profile settings.", surroundings)
    {
        Add(_field);
        Add(_value);
        Add(_enabled);
    }

    protected override async Task<int> Run(ParseResult arguments, OsmoClient service, CancellationToken cancellation)
    {
        var value = arguments.GetRequiredValue(_value);
        var isEnabled = arguments.GetValue(_enabled) != "false";
        var body = (arguments.GetValue(_field), value) switch
        {
            ("pool", _) => new JsonObject { ["pool"] = value },
            (_, "email") => new JsonObject { ["email_notification"] = isEnabled },
            (_, "slack") => new JsonObject { ["slack_notification"] = isEnabled },
            _ => throw new CommandException($"Invalid type of notification: {value}. Must be slack or email."),
        };
        if (body.ContainsKey("email_notification") && !isEnabled)
        {
            WriteLine("Disabling email notifications");
        }

        await service.Post("api/profile/settings", QueryString.Empty, body, cancellation);
        WriteLine("Profile Set");
        return ExitCodes.Success;
    }
}
