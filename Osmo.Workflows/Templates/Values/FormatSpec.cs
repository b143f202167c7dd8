using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>One value in Python's format mini-language: <c>[[fill]align][sign][#][0][width][,][.precision][type]</c>.</summary>
internal static partial class FormatSpec
{
    public static string Apply(object? value, string spec, Budget budget)
    {
        Operators.Use(value);
        var match = Pattern().Match(spec);
        if (!match.Success)
        {
            throw TemplateException.Value("Invalid format specifier");
        }

        var width = match.Groups["width"].Value is { Length: > 0 } w ? int.Parse(w, CultureInfo.InvariantCulture) : 0;
        var precision = match.Groups["precision"].Value is { Length: > 0 } p ? int.Parse(p, CultureInfo.InvariantCulture) : -1;
        budget.Allocate(2L * (width + Math.Max(precision, 0)));
        var type = match.Groups["type"].Value;
        var text = Number.IsNumber(value) && (value is not bool || type.Length > 0)
            ? NumberText(value!, type, precision, match.Groups["comma"].Value, match.Groups["sign"].Value)
            : TextValue(value, type, precision);
        var zero = match.Groups["zero"].Success;
        var fill = match.Groups["fill"].Value is { Length: > 0 } f ? f[0] : zero ? '0' : ' ';
        var align = match.Groups["align"].Value is { Length: > 0 } a ? a[0] : zero ? '=' : Number.IsNumber(value) ? '>' : '<';
        return Align(text, width, fill, align);
    }

    private static string TextValue(object? value, string type, int precision)
    {
        if (type is not ("" or "s"))
        {
            throw TemplateException.Value($"Unknown format code '{type}' for object of type '{PythonTypes.Name(value)}'");
        }

        var text = Operators.ToText(value);
        return precision >= 0 && precision < text.Length ? text[..precision] : text;
    }

    private static string NumberText(object value, string type, int precision, string comma, string sign)
    {
        var negative = value is double d ? d < 0 || double.IsNegative(d) : Number.Big(value).Sign < 0;
        var magnitude = Magnitude(value, type, precision);
        if (comma.Length > 0)
        {
            var point = magnitude.IndexOf('.');
            var whole = point < 0 ? magnitude : magnitude[..point];
            for (var at = whole.Length - 3; at > 0; at -= 3)
            {
                whole = whole.Insert(at, comma);
            }

            magnitude = point < 0 ? whole : whole + magnitude[point..];
        }

        return (negative ? "-" : sign is "+" or " " ? sign : "") + magnitude;
    }

    private static string Magnitude(object value, string type, int precision)
    {
        var culture = CultureInfo.InvariantCulture;
        if (value is not double && type is "" or "d" or "n" or "x" or "X" or "o" or "b" or "c")
        {
            var big = BigInteger.Abs(Number.Big(value));
            return type switch
            {
                "x" => Hex(big),
                "X" => Hex(big).ToUpperInvariant(),
                "o" => Radix(big, 8),
                "b" => Radix(big, 2),
                "c" => ((char)(int)big).ToString(),
                _ => big.ToString(culture),
            };
        }

        var number = Math.Abs(Number.Double(value));
        var digits = precision < 0 ? 6 : Math.Min(precision, 99);
        return type switch
        {
            "f" or "F" => number.ToString($"F{digits}", culture),
            "%" => (number * 100).ToString($"F{digits}", culture) + "%",
            "e" or "E" => Exponent(number.ToString($"{type}{digits}", culture)),
            "g" or "G" or "n" => General(number, digits == 0 ? 1 : digits),
            "" => precision < 0 ? Operators.Float(number) : General(number, Math.Max(1, digits)),
            _ => throw TemplateException.Value($"Unknown format code '{type}' for object of type '{PythonTypes.Name(value)}'"),
        };
    }

    private static string Hex(BigInteger value) => value.IsZero ? "0" : value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');

    private static string Radix(BigInteger value, int radix)
    {
        var text = value.IsZero ? "0" : "";
        for (; !value.IsZero; value /= radix)
        {
            text = (value % radix) + text;
        }

        return text;
    }

    /// <summary>.NET writes three digits of exponent where Python writes two.</summary>
    private static string Exponent(string text) => ThreeDigitExponent().Replace(text, "$1$2");

    private static string General(double number, int digits)
    {
        if (number == 0)
        {
            return "0";
        }

        var exponent = (int)Math.Floor(Math.Log10(number));
        if (exponent < -4 || exponent >= digits)
        {
            var text = Exponent(number.ToString($"e{digits - 1}", CultureInfo.InvariantCulture));
            var at = text.IndexOf('e');
            var mantissa = text[..at];
            return (mantissa.Contains('.') ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + text[at..];
        }

        var plain = number.ToString($"F{Math.Max(0, digits - 1 - exponent)}", CultureInfo.InvariantCulture);
        return plain.Contains('.') ? plain.TrimEnd('0').TrimEnd('.') : plain;
    }

    private static string Align(string text, int width, char fill, char align)
    {
        var missing = width - text.Length;
        if (missing <= 0)
        {
            return text;
        }

        var sign = align == '=' && text[0] is '-' or '+' or ' ' ? text[..1] : "";
        return align switch
        {
            '<' => text + new string(fill, missing),
            '^' => new string(fill, missing / 2) + text + new string(fill, missing - (missing / 2)),
            '=' => sign + new string(fill, missing) + text[sign.Length..],
            _ => new string(fill, missing) + text,
        };
    }

    [GeneratedRegex(@"^(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?#?(?<zero>0)?(?<width>\d{1,9})?(?<comma>[,_])?(?:\.(?<precision>\d{1,9}))?(?<type>[bcdeEfFgGnosxX%])?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"([eE][+-])0(\d\d)$", RegexOptions.CultureInvariant)]
    private static partial Regex ThreeDigitExponent();
}
