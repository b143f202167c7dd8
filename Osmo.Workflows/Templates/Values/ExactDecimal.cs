using System.Globalization;
using System.Numerics;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Decimal digits of the exact value of a double, rounded half to even, as C's and Python's formatting give them.</summary>
internal static class ExactDecimal
{
    /// <summary>More digits than any double has.</summary>
    public const int DigitsMax = 1100;

    /// <summary>With so many digits after the point: <c>2.675</c> with 2 is <c>2.67</c>. The sign is left out.</summary>
    public static string Fixed(double value, int decimals)
    {
        var digits = Scaled(value, decimals).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return decimals == 0 ? digits : digits.Insert(digits.Length - decimals, ".");
    }

    /// <summary>So many significant digits, and the power of ten of the first. The sign is left out.</summary>
    public static (string Digits, int Exponent) Significant(double value, int count)
    {
        value = Math.Abs(value);
        if (value == 0)
        {
            return (new string('0', count), 0);
        }

        // The logarithm may be off by one near a power of ten, and rounding may carry into a further digit.
        var exponent = (int)Math.Floor(Math.Log10(value));
        while (true)
        {
            var digits = Scaled(value, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == count)
            {
                return (digits, exponent);
            }

            exponent += digits.Length > count ? 1 : -1;
        }
    }

    /// <summary>Rounded to so many digits after the point, or before it if negative.</summary>
    public static double Round(double value, int decimals)
    {
        // Beyond these a double is not changed, or is nothing.
        if (!double.IsFinite(value) || decimals > 323)
        {
            return value;
        }

        if (decimals < -308)
        {
            return Math.CopySign(0, value);
        }

        var text = $"{Scaled(value, decimals).ToString(CultureInfo.InvariantCulture)}e{-decimals}";
        var rounded = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(rounded) ? Math.CopySign(rounded, value) : throw TemplateException.Value("rounded value too large to represent");
    }

    /// <summary>Rounded to so many digits before the point.</summary>
    public static BigInteger Round(BigInteger value, int zeros)
    {
        var unit = BigInteger.Pow(10, zeros);
        return RoundedQuotient(BigInteger.Abs(value), unit) * unit * value.Sign;
    }

    /// <summary>The whole number nearest to |value| times a power of ten.</summary>
    private static BigInteger Scaled(double value, int decimals)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var fraction = bits & 0xFFFFFFFFFFFFFL;
        var mantissa = new BigInteger(exponent == 0 ? fraction : fraction | (1L << 52));
        var power = Math.Max(exponent, 1) - 1075;
        var divisor = BigInteger.One;
        if (decimals >= 0)
        {
            mantissa *= BigInteger.Pow(10, decimals);
        }
        else
        {
            divisor = BigInteger.Pow(10, -decimals);
        }

        return power >= 0 ? RoundedQuotient(mantissa << power, divisor) : RoundedQuotient(mantissa, divisor << -power);
    }

    private static BigInteger RoundedQuotient(BigInteger value, BigInteger by)
    {
        var quotient = BigInteger.DivRem(value, by, out var rest);
        var half = (rest << 1).CompareTo(by);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
