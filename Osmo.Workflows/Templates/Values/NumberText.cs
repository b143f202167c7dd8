using System.Numerics;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Numbers in the notations of Python's formatting, without sign.</summary>
internal static class NumberText
{
    private const int StandardPrecision = 6;

    /// <param name="type">One of d n b o x X, or NUL.</param>
    public static string Integer(object value, char type)
    {
        var magnitude = BigInteger.Abs(Number.Big(value));
        return type switch
        {
            'x' => Radix(magnitude, 4),
            'X' => Radix(magnitude, 4).ToUpperInvariant(),
            'o' => Radix(magnitude, 3),
            'b' => Radix(magnitude, 1),
            _ => PythonRepr.Integer(magnitude),
        };
    }

    public static string Character(object value)
    {
        var code = Number.Big(value);
        return code.Sign >= 0 && code <= 0x10FFFF
            ? code >= 0xD800 && code <= 0xDFFF ? ((char)(int)code).ToString() : char.ConvertFromUtf32((int)code)
            : throw TemplateException.Value("%c arg not in range(0x110000)");
    }

    /// <param name="type">One of e E f F g G n %, or NUL for the shortest text that reads back the same.</param>
    public static string Float(double value, char type, int? precision, bool isAlternate)
    {
        value = Math.Abs(value);
        if (!double.IsFinite(value))
        {
            var word = (double.IsNaN(value) ? "nan" : "inf") + (type == '%' ? "%" : "");
            return char.IsUpper(type) ? word.ToUpperInvariant() : word;
        }

        var text = char.ToLowerInvariant(type) switch
        {
            'f' => Fixed(value, precision ?? StandardPrecision, isAlternate),
            '%' => Fixed(value * 100, precision ?? StandardPrecision, isAlternate) + "%",
            'e' => Scientific(value, precision ?? StandardPrecision, isAlternate),
            'g' or 'n' => General(value, Math.Max(1, precision ?? StandardPrecision), isAlternate, isShortest: false),
            _ => precision is { } digits ? General(value, Math.Max(1, digits), isAlternate, isShortest: true) : PythonText.Of(value),
        };
        return char.IsUpper(type) ? text.ToUpperInvariant() : text;
    }

    private static string Radix(BigInteger value, int bitsPerDigit)
    {
        if (value.IsZero)
        {
            return "0";
        }

        var digits = new char[((long)value.GetBitLength() + bitsPerDigit - 1) / bitsPerDigit];
        for (var at = digits.Length - 1; at >= 0; at--, value >>= bitsPerDigit)
        {
            digits[at] = "0123456789abcdef"[(int)(value & ((1 << bitsPerDigit) - 1))];
        }

        return new string(digits);
    }

    private static string Fixed(double value, int precision, bool isAlternate)
    {
        if (!double.IsFinite(value))
        {
            return "inf";
        }

        var known = Math.Min(precision, ExactDecimal.DigitsMax);
        var text = ExactDecimal.Fixed(value, known) + new string('0', precision - known);
        return precision == 0 && isAlternate ? text + "." : text;
    }

    private static string Scientific(double value, int precision, bool isAlternate)
    {
        var known = Math.Min(precision, ExactDecimal.DigitsMax);
        var (digits, exponent) = ExactDecimal.Significant(value, known + 1);
        return Mantissa(digits + new string('0', precision - known), isAlternate) + Exponent(exponent);
    }

    /// <param name="isShortest">The notation of floats without a type, which are always seen to be floats.</param>
    private static string General(double value, int precision, bool isAlternate, bool isShortest)
    {
        var known = Math.Min(precision, ExactDecimal.DigitsMax);
        var (digits, exponent) = ExactDecimal.Significant(value, known);
        digits = isAlternate ? digits + new string('0', precision - known) : digits.TrimEnd('0') is { Length: > 0 } trimmed ? trimmed : "0";
        if (exponent < -4 || exponent >= precision - (isShortest ? 1 : 0))
        {
            return Mantissa(digits, isAlternate) + Exponent(exponent);
        }

        if (exponent < 0)
        {
            return $"0.{new string('0', -exponent - 1)}{digits}";
        }

        var whole = digits.PadRight(exponent + 1, '0');
        return whole.Length > exponent + 1 ? whole.Insert(exponent + 1, ".") : isShortest ? whole + ".0" : isAlternate ? whole + "." : whole;
    }

    private static string Mantissa(string digits, bool isAlternate) =>
        digits.Length > 1 ? digits.Insert(1, ".") : isAlternate ? digits + "." : digits;

    private static string Exponent(int exponent) =>
        $"e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
}
