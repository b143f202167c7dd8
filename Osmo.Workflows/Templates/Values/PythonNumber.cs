using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Texts that Python's <c>int()</c> and <c>float()</c> accept: spaces around, a sign, single underscores between digits.</summary>
internal static partial class PythonNumber
{
    /// <summary>Python refuses to convert longer decimal numbers, which takes quadratic time.</summary>
    public const int DigitsMax = 4300;

    /// <param name="radix">2 to 36; 0 means what the text's prefix says.</param>
    /// <returns>Null when the text is not an integer of the base.</returns>
    public static BigInteger? ParseInteger(string text, int radix = 10)
    {
        var match = Integer().Match(Trim(text));
        if (!match.Success || match.Length > DigitsMax || radix is not (0 or (>= 2 and <= 36)))
        {
            return null;
        }

        var digits = match.Groups["digits"].Value.Replace("_", "").ToLowerInvariant();
        var prefixed = digits is ['0', 'x' or 'o' or 'b', _, ..] ? digits[1] switch { 'x' => 16, 'o' => 8, _ => 2 } : 0;
        if (radix == 0)
        {
            radix = prefixed > 0 ? prefixed : 10;
            if (prefixed == 0 && digits[0] == '0' && digits.AsSpan().TrimStart('0').Length > 0)
            {
                return null;
            }
        }

        digits = prefixed == radix ? digits[2..] : digits;
        return (radix == 10 ? ParseDecimal(digits) : ParseRadix(digits, radix)) is { } value
            ? match.Groups["sign"].Value == "-" ? -value : value
            : null;
    }

    /// <returns>Null when the text is not a float.</returns>
    public static double? ParseFloat(string text)
    {
        var trimmed = Trim(text);
        switch (trimmed.TrimStart('+', '-').ToLowerInvariant())
        {
            case "inf" or "infinity" when trimmed.Length <= 9 && trimmed is not ['+' or '-', '+' or '-', ..]:
                return trimmed.StartsWith('-') ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan" when trimmed.Length <= 4:
                return double.NaN;
        }

        return Float().IsMatch(trimmed) ? double.Parse(trimmed.Replace("_", ""), NumberStyles.Float, CultureInfo.InvariantCulture) : null;
    }

    private static string Trim(string text) => CodePoints.TrimStart(CodePoints.TrimEnd(text)).ToString();

    private static BigInteger? ParseDecimal(string digits) =>
        BigInteger.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static BigInteger? ParseRadix(string digits, int radix)
    {
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

        return value;
    }

    [GeneratedRegex(@"^(?<sign>[+-]?)(?<digits>[0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Integer();

    [GeneratedRegex(
        @"^[+-]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Float();
}
