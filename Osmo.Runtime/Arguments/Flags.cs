using System.Collections.Immutable;
using System.Globalization;

namespace Osmo.Runtime.Arguments;

/// <summary>A command line that is not what the program takes.</summary>
internal sealed class FlagException(string message) : Exception(message);

/// <summary>A command line in the syntax of Go's <c>flag</c> package (contract: runtime-protocol §3).</summary>
/// <remarks>
/// <c>-name value</c>, <c>-name=value</c>, both also with two dashes; repeated flags accumulate. A flag with a value takes the next
/// argument whatever it looks like; a boolean never does. The first argument that is no flag, or <c>--</c>, ends the flags.
/// </remarks>
internal sealed class Flags
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private Flags()
    {
    }

    /// <exception cref="FlagException">Names the flag and what is allowed.</exception>
    public static Flags Parse(IReadOnlyList<string> arguments, IReadOnlyCollection<string> withValue, IReadOnlyCollection<string> boolean)
    {
        var flags = new Flags();
        for (var index = 0; index < arguments.Count; index++)
        {
            var argument = arguments[index];
            if (argument.Length < 2 || argument[0] != '-')
                throw new FlagException($"argument '{argument}' is not a flag; this program takes flags only.");
            if (argument == "--")
                break;
            var (name, value) = Split(argument);
            if (boolean.Contains(name))
                flags.Add(name, value ?? "true");
            else if (!withValue.Contains(name))
                throw new FlagException(
                    $"flag provided but not defined: -{name}; allowed are -{string.Join(", -", withValue.Concat(boolean))}.");
            else if (value is not null)
                flags.Add(name, value);
            else if (++index < arguments.Count)
                flags.Add(name, arguments[index]);
            else
                throw new FlagException($"flag needs an argument: -{name}");
        }

        return flags;
    }

    public ImmutableArray<string> All(string name) => _values.TryGetValue(name, out var values) ? [.. values] : [];

    public string Text(string name, string defaultValue) => _values.TryGetValue(name, out var values) ? values[^1] : defaultValue;

    public int Integer(string name, int defaultValue)
    {
        if (!_values.TryGetValue(name, out var values))
            return defaultValue;
        return int.TryParse(values[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FlagException($"invalid value \"{values[^1]}\" for flag -{name}: allowed is an integer.");
    }

    public TimeSpan Minutes(string name, int defaultMinutes) => TimeSpan.FromMinutes(Integer(name, defaultMinutes));

    public bool Boolean(string name) => Text(name, "false") switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        var other => throw new FlagException($"invalid boolean value \"{other}\" for -{name}: allowed are true and false."),
    };

    private static (string Name, string? Value) Split(string argument)
    {
        var start = argument.StartsWith("--", StringComparison.Ordinal) ? 2 : 1;
        var equals = argument.IndexOf('=', start);
        var name = equals < 0 ? argument[start..] : argument[start..equals];
        if (name.Length == 0 || name[0] == '-')
            throw new FlagException($"bad flag syntax: {argument}");
        return (name, equals < 0 ? null : argument[(equals + 1)..]);
    }

    private void Add(string name, string value)
    {
        if (!_values.TryGetValue(name, out var values))
            _values[name] = values = [];
        values.Add(value);
    }
}
