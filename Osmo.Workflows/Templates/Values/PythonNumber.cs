using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Texts that Python's <c>int()</c> and <c>float()</c> accept (contract: workflow-spec §3.1): spaces around, a sign, underscores between digits.</summary>
public static partial class PythonNumber
{
    private const int DigitsMax = 4300;

    /// <summary>Null when the text is not an integer of the base.</summary>
    public static BigInteger? ParseInteger(string text, int radix = 10)
    {
        var match = Integer().Match(text.Trim());
        if (!match.Success || match.Length > DigitsMax || radix is < 2 or > 36)
        {
            return null;
        }

        var digits = match.Groups["digits"].Value.Replace("_", "").ToLowerInvariant();
        if (digits.Length > 2 && digits[0] == '0' && (digits[1], radix) is ('x', 16) or ('o', 8) or ('b', 2))
        {
            digits = digits[2..];
        }

        var value = BigInteger.Zero;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiDigit(c) ? c - '0' : c - 'a' + 10;
            if (digit >= radix)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        return match.Groups["sign"].Value == "-" ? -value : value;
    }

    /// <summary>Null when the text is not a float.</summary>
    public static double? ParseFloat(string text)
    {
        var trimmed = text.Trim();
        switch (trimmed.TrimStart('+', '-').ToLowerInvariant())
        {
            case "inf" or "infinity" when trimmed.Length <= 9:
                return trimmed.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan" when trimmed.Length <= 4:
                return double.NaN;
        }

        return Float().IsMatch(trimmed) ? double.Parse(trimmed.Replace("_", ""), NumberStyles.Float, CultureInfo.InvariantCulture) : null;
    }

    [GeneratedRegex(@"^(?<sign>[+-]?)(?<digits>[0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(@"^[+-]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
