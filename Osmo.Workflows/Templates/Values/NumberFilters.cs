using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters that make numbers, and <c>default</c>.</summary>
internal static class NumberFilters
{
    public static ImmutableArray<Filter> All { get; } =
    [
        new("default", Default, TakesUndefined: true),
        new("d", Default, TakesUndefined: true),
        new("abs", static (_, value, _) => value is double d ? Math.Abs(d) : Number.Of(BigInteger.Abs(Integer(value, "abs")))),
        new("int", ToInt),
        new("float", ToFloat),
        new("round", Round),
        new("filesizeformat", FileSize),
    ];

    private static object? Default(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("default", 0, "default_value", "boolean");
        return value is Undefined || (bound.Truth(1, standard: false) && !Operators.IsTrue(value)) ? (bound.Has(0) ? bound.Raw(0) : "") : value;
    }

    private static BigInteger Integer(object? value, string filter) =>
        Number.IsInteger(value) ? Number.Big(value) : throw TemplateException.Value($"bad operand type for {filter}(): '{PythonTypes.Name(value)}'");

    private static object? ToInt(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("int", 0, "default", "base");
        var standard = bound.Or(0, 0L);
        switch (value)
        {
            case double d:
                return double.IsFinite(d) ? Number.Of(new BigInteger(Math.Truncate(d))) : standard;
            case string text:
                return PythonNumber.ParseInteger(text, bound.Int(1, 10)) is { } parsed ? Number.Of(parsed)
                    : PythonNumber.ParseFloat(text) is { } number && double.IsFinite(number) ? Number.Of(new BigInteger(Math.Truncate(number)))
                    : standard;
            default:
                return Number.IsInteger(value) ? Number.Of(Number.Big(value)) : standard;
        }
    }

    private static object? ToFloat(FilterContext context, object? value, CallArguments arguments)
    {
        var standard = arguments.Bind("float", 0, "default").Or(0, 0.0);
        return value is string text ? PythonNumber.ParseFloat(text) ?? standard : Number.IsNumber(value) ? Number.Double(value) : standard;
    }

    private static object Round(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("round", 0, "precision", "method");
        var precision = Math.Clamp(bound.Int(0, 0), -300, 300);
        if (!Number.IsNumber(value))
        {
            throw TemplateException.Value($"type {PythonTypes.Name(value)} doesn't define __round__ method");
        }

        var method = bound.Text(1, "common");
        if (method == "common")
        {
            return value is double d ? HalfEven(d, precision) : precision >= 0 ? Number.Of(Number.Big(value)) : Number.Of(new BigInteger(HalfEven((double)Number.Big(value), precision)));
        }

        var factor = Math.Pow(10, precision);
        return method switch
        {
            "ceil" => Math.Ceiling(Number.Double(value) * factor) / factor,
            "floor" => Math.Floor(Number.Double(value) * factor) / factor,
            _ => throw TemplateException.Value("method must be common, ceil or floor"),
        };
    }

    /// <summary>Rounds the exact decimal value of the double, ties to even, as Python does.</summary>
    private static double HalfEven(double value, int precision)
    {
        if (!double.IsFinite(value) || precision > 17)
        {
            return value;
        }

        if (precision < 0)
        {
            var factor = Math.Pow(10, -precision);
            return Math.Round(value / factor, MidpointRounding.ToEven) * factor;
        }

        // "F" gives the exact digits of the double; a tie is a tie only if nothing follows the 5.
        var exact = Math.Abs(value).ToString("F1074", CultureInfo.InvariantCulture);
        var point = exact.IndexOf('.');
        var kept = exact[..(point + 1 + precision)].TrimEnd('.');
        var next = exact[point + 1 + precision];
        var tie = next == '5' && exact.AsSpan(point + 2 + precision).TrimEnd('0').IsEmpty;
        var lastKept = kept[^1];
        var up = next > '5' || (next == '5' && (!tie || (lastKept - '0') % 2 == 1));
        var digits = BigInteger.Parse(kept.Replace(".", ""), CultureInfo.InvariantCulture) + (up ? 1 : 0);
        var text = digits.ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        var rounded = double.Parse(precision == 0 ? text : text.Insert(text.Length - precision, "."), CultureInfo.InvariantCulture);
        return value < 0 ? -rounded : rounded;
    }

    private static string FileSize(FilterContext context, object? value, CallArguments arguments)
    {
        var binary = arguments.Bind("filesizeformat", 0, "binary").Truth(0, standard: false);
        var bytes = value is string text ? PythonNumber.ParseFloat(text) ?? throw TemplateException.Value($"could not convert string to float: '{text}'") : Number.Double(value);
        var unit = binary ? 1024.0 : 1000.0;
        string[] prefixes = binary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
        if (bytes == 1)
        {
            return "1 Byte";
        }

        if (bytes < unit)
        {
            return $"{(long)bytes} Bytes";
        }

        var power = 1;
        while (power < prefixes.Length && bytes >= Math.Pow(unit, power + 1))
        {
            power++;
        }

        return (bytes / Math.Pow(unit, power)).ToString("F1", CultureInfo.InvariantCulture) + " " + prefixes[power - 1];
    }
}
