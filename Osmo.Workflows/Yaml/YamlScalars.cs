using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Yaml;

/// <summary>
/// What an unquoted scalar means under YAML 1.1: booleans by six words, octal by a leading zero, sexagesimals, dates
/// (contract: workflow-spec §5).
/// </summary>
internal static partial class YamlScalars
{
    /// <summary>More digits are refused, so that a number cannot be made to cost much.</summary>
    public const int MaxDigits = 4300;

    /// <summary>The value of a plain scalar.</summary>
    /// <exception cref="FormatException">Looks like a number or date but is none, such as <c>0b_</c> or <c>2031-02-30</c>.</exception>
    public static YamlValue Resolve(string text, YamlPosition position = default)
    {
        if (text.Length == 0)
        {
            return new YamlValue.Null { Position = position };
        }

        switch (text)
        {
            case "~" or "null" or "Null" or "NULL":
                return new YamlValue.Null { Position = position };
            case "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return new YamlValue.Bool(true) { Position = position };
            case "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return new YamlValue.Bool(false) { Position = position };
        }

        // Only these can start a number or a date; most scalars stop here.
        if (!char.IsAsciiDigit(text[0]) && text[0] is not ('+' or '-' or '.'))
        {
            return new YamlValue.Text(text) { Position = position };
        }

        if (IntPattern().IsMatch(text))
        {
            return new YamlValue.Int(ParseInt(text)) { Position = position };
        }

        if (FloatPattern().IsMatch(text))
        {
            return new YamlValue.Float(ParseFloat(text)) { Position = position };
        }

        if (TimestampPattern().Match(text) is { Success: true } date)
        {
            return ParseTimestamp(text, date, position);
        }

        return new YamlValue.Text(text) { Position = position };
    }

    /// <summary>True when the text, written without quotes, would be read back as itself.</summary>
    public static bool IsPlainText(string text) =>
        text is not ("=" or "<<") && !IntPattern().IsMatch(text) && !FloatPattern().IsMatch(text) && !TimestampPattern().IsMatch(text)
        && Resolve(text) is YamlValue.Text;

    /// <exception cref="FormatException">Not an integer of YAML 1.1.</exception>
    public static BigInteger ParseInt(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (digits.Length > MaxDigits)
        {
            throw new FormatException($"The number has {digits.Length} characters; at most {MaxDigits} are allowed.");
        }

        var negative = digits.StartsWith('-');
        digits = digits.TrimStart('+', '-');
        var value = digits switch
        {
            "0" => BigInteger.Zero,
            _ when digits.StartsWith("0b", StringComparison.Ordinal) => InBase(digits[2..], 2, text),
            _ when digits.StartsWith("0x", StringComparison.Ordinal) => InBase(digits[2..], 16, text),
            _ when digits.StartsWith('0') => InBase(digits[1..], 8, text),
            _ when digits.Contains(':') => digits.Split(':').Aggregate(BigInteger.Zero, (sum, part) => (sum * 60) + InBase(part, 10, text)),
            _ => InBase(digits, 10, text),
        };
        return negative ? -value : value;
    }

    /// <exception cref="FormatException">Not a float of YAML 1.1.</exception>
    public static double ParseFloat(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        var sign = digits.StartsWith('-') ? -1.0 : 1.0;
        digits = digits.TrimStart('+', '-');
        return sign * digits switch
        {
            ".inf" => double.PositiveInfinity,
            ".nan" => double.NaN,
            _ when digits.Contains(':') => digits.Split(':').Aggregate(0.0, (sum, part) => (sum * 60) + Number(part)),
            _ => Number(digits),
        };

        double Number(string part) => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{text}' is not a number.");
    }

    private static BigInteger InBase(string digits, int radix, string source)
    {
        if (digits.Length == 0)
        {
            throw new FormatException($"'{source}' has no digits.");
        }

        if (radix == 10)
        {
            return BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new FormatException($"'{source}' is not an integer.");
        }

        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit(digit) || Convert.ToInt32(digit.ToString(), 16) is var d && d >= radix)
            {
                throw new FormatException($"'{source}' is not an integer.");
            }

            value = (value * radix) + d;
        }

        return value;
    }

    private static YamlValue.Timestamp ParseTimestamp(string text, Match match, YamlPosition position)
    {
        int Part(string name, int absent) => match.Groups[name] is { Success: true, Length: > 0 } part
            ? int.Parse(part.Value, CultureInfo.InvariantCulture)
            : absent;

        var (year, month, day) = (Part("year", 1), Part("month", 1), Part("day", 1));
        var inRange = year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month)
            && Part("hour", 0) < 24 && Part("minute", 0) < 60 && Part("second", 0) < 60;
        return inRange
            ? new YamlValue.Timestamp(text) { Position = position }
            : throw new FormatException($"'{text}' is not a date of the calendar; quote it if it is text.");
    }

    [GeneratedRegex(@"^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex IntPattern();

    [GeneratedRegex(@"^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z", RegexOptions.CultureInvariant)]
    private static partial Regex FloatPattern();

    [GeneratedRegex(@"^(?:(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})|(?<year>[0-9]{4})-(?<month>[0-9]{1,2})-(?<day>[0-9]{1,2})(?:[Tt]|[ \t]+)(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex TimestampPattern();
}
