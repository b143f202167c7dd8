using System.Globalization;

namespace Osmo.Workflows.Yaml;

/// <summary>Scalars as Python prints them, which is what users of the language see (contract: workflow-spec §4, §5).</summary>
public static class PythonText
{
    /// <summary>Shortest text that reads back as the same double: <c>2.5</c>, <c>100000.0</c>, <c>1e-07</c>, <c>inf</c>.</summary>
    public static string Of(double value)
    {
        if (double.IsNaN(value))
        {
            return "nan";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "inf" : "-inf";
        }

        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var (digits, exponent) = Decompose(shortest);
        var sign = double.IsNegative(value) ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            var fraction = digits.Length > 1 ? "." + digits[1..] : "";
            return $"{sign}{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        var whole = exponent + 1;
        return digits.Length <= whole
            ? $"{sign}{digits.PadRight(whole, '0')}.0"
            : $"{sign}{digits[..whole]}.{digits[whole..]}";
    }

    public static string Of(bool value) => value ? "True" : "False";

    /// <summary>Text of a scalar; null for null, dates, lists and maps.</summary>
    public static string? OfScalar(YamlValue value) => value switch
    {
        YamlValue.Text text => text.Value,
        YamlValue.Int number => number.Value.ToString(CultureInfo.InvariantCulture),
        YamlValue.Float number => Of(number.Value),
        YamlValue.Bool flag => Of(flag.Value),
        _ => null,
    };

    /// <summary>Python's name for the type of a value, as it stands in messages.</summary>
    public static string TypeName(YamlValue value) => value switch
    {
        YamlValue.Null => "NoneType",
        YamlValue.Bool => "bool",
        YamlValue.Int => "int",
        YamlValue.Float => "float",
        YamlValue.Timestamp => "date",
        YamlValue.List => "list",
        YamlValue.Map => "dict",
        _ => "str",
    };

    /// <summary>Significant digits without leading or trailing zeros, and the decimal exponent of the first.</summary>
    private static (string Digits, int Exponent) Decompose(string number)
    {
        number = number.TrimStart('-');
        var exponent = 0;
        if (number.IndexOf('E', StringComparison.Ordinal) is var e and >= 0)
        {
            exponent = int.Parse(number[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            number = number[..e];
        }

        var point = number.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? number.Length : point;
        var digits = number.Replace(".", "", StringComparison.Ordinal);
        var leadingZeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        return digits.Length == 0 ? ("0", 0) : (digits, exponent + whole - 1 - leadingZeros);
    }
}
