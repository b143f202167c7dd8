using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Osmo.Cli.Output;

namespace Osmo.Cli.Arguments;

/// <summary>Limits on what an option may say.</summary>
internal static class Choices
{
    private static readonly string[] Priorities = ["HIGH", "NORMAL", "LOW"];

    /// <summary>An option with one of a few values.</summary>
    public static Option<string?> OneOf(string name, string? alias, string description, params string[] values) =>
        new(name, alias is null ? [] : [alias])
    {
        Description = description,
        HelpName = string.Join('|', values),
        CustomParser = result => Choice(result, name, result.Tokens[0].Value, values),
    };

    /// <summary>A positional with one of a few values.</summary>
    public static Argument<string?> From(this Argument<string?> argument, params string[] values)
    {
        argument.HelpName = string.Join('|', values);
        argument.CustomParser = result => Choice(result, argument.Name, result.Tokens[0].Value, values);
        return argument;
    }

    /// <summary>A priority in any case, which becomes upper case.</summary>
    public static Option<string?> Priority(string description) => new("--priority")
    {
        Description = description,
        HelpName = string.Join('|', Priorities),
        CustomParser = result => Choice(result, "--priority", result.Tokens[0].Value.ToUpperInvariant(), Priorities),
    };

    /// <summary>Priorities in any case, which become upper case.</summary>
    public static WordsOption WithPriorities(this WordsOption option)
    {
        option.CustomParser = result => Each(result, token => Choice(result, option.Name, token.ToUpperInvariant(), Priorities));
        return option;
    }

    /// <summary>Only some words are allowed.</summary>
    public static WordsOption From(this WordsOption option, string[] values)
    {
        option.CustomParser = result => Each(result, token => Choice(result, option.Name, token, values));
        return option;
    }

    /// <summary>A date of the user's calendar.</summary>
    public static Option<DateOnly?> Date(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "YYYY-MM-DD",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (TryDate(text, out var date))
            {
                return date;
            }

            result.AddError($"argument {name}: '{text}' is no date of the form YYYY-MM-DD");
            return null;
        },
    };

    /// <summary>A whole number not below <paramref name="least"/>.</summary>
    public static Option<int> Number(string name, string? alias, int least, int absent, string description)
    {
        var option = new Option<int>(name, alias is null ? [] : [alias]) { Description = description, DefaultValueFactory = _ => absent };
        option.CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least)
            {
                return number;
            }

            result.AddError($"argument {name}: '{text}' is no whole number of at least {least}");
            return absent;
        };
        return option;
    }

    /// <summary>A whole number, whatever its sign; null when it is not given.</summary>
    public static Option<int?> OptionalNumber(string name, string? alias, string description) => new(name, alias is null ? [] : [alias])
    {
        Description = description,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            result.AddError($"argument {name}: invalid int value: '{text}'");
            return null;
        },
    };

    /// <summary>A range of dates must not end before it starts.</summary>
    public static void ExcludeReversed(
        this Command command, Option<DateOnly?> after, Option<DateOnly?> before) => command.Validators.Add(result =>
    {
        if (Written(result.GetResult(after)) is { } start && Written(result.GetResult(before)) is { } end && start > end)
        {
            result.AddError($"argument {after.Name}: must not be later than {before.Name}");
        }
    });

    /// <summary>Null for what is no date, which is an error already.</summary>
    private static DateOnly? Written(OptionResult? option) =>
        option is { Tokens: [var token] } && TryDate(token.Value, out var date) ? date : null;

    private static bool TryDate(string text, out DateOnly date) =>
        DateOnly.TryParseExact(text, LocalTimes.DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    /// <summary>At most one of the options may be given.</summary>
    public static void Exclude(this Command command, Option one, Option other) => command.Validators.Add(result =>
    {
        if (result.GetResult(one) is { Implicit: false } && result.GetResult(other) is { Implicit: false })
        {
            result.AddError($"argument {other.Name}: not allowed with argument {one.Name}");
        }
    });

    private static string[] Each(ArgumentResult result, Func<string, string?> choose) =>
        [.. result.Tokens.Select(token => choose(token.Value)).OfType<string>()];

    private static string? Choice(ArgumentResult result, string name, string text, string[] values)
    {
        if (values.Contains(text))
        {
            return text;
        }

        result.AddError($"argument {name}: invalid choice: '{text}' (choose from {string.Join(", ", values)})");
        return null;
    }
}
