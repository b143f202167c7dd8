using System.Collections.Immutable;
using System.Numerics;
using Osmo.Workflows.Templates.Syntax;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters that make numbers, and <c>default</c>.</summary>
internal static class NumberFilters
{
    private static readonly string[] DecimalPrefixes = ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    private static readonly string[] BinaryPrefixes = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

    public static ImmutableArray<Filter> All { get; } =
    [
        new("default", Default, TakesUndefined: true),
        new("d", Default, TakesUndefined: true),
        Filter.Of("abs", static (_, value) => Absolute(value)),
        Filter.Of("int", ["default", "base"], ToInt),
        Filter.Of("float", ["default"], ToFloat),
        Filter.Of("round", ["precision", "method"], Round),
        Filter.Of("filesizeformat", ["binary"], FileSize),
    ];

    /// <summary>Python's <c>int()</c> of a float.</summary>
    public static object Truncate(double value) => double.IsFinite(value)
        ? Number.Of(new BigInteger(Math.Truncate(value)))
        : throw TemplateException.Value($"cannot convert float {(double.IsNaN(value) ? "NaN" : "infinity")} to integer");

    private static object? Default(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("default", 0, "default_value", "boolean");
        var isAbsent = value is Undefined || (bound.Truth(1, standard: false) && !Operators.IsTrue(value));
        return !isAbsent ? value : bound.Has(0) ? bound.Raw(0) : "";
    }

    private static object Absolute(object? value) => value switch
    {
        double d => Math.Abs(d),
        _ when Number.IsInteger(value) => Number.Of(BigInteger.Abs(Number.Big(value))),
        _ => throw TemplateException.Value($"bad operand type for abs(): '{PythonTypes.Name(value)}'"),
    };

    private static object? ToInt(FilterContext context, object? value, Bound bound)
    {
        var standard = bound.Has(0) ? bound.Raw(0) : 0L;
        switch (Operators.Defined(value))
        {
            case double d:
                return double.IsNaN(d) ? standard : Truncate(d);
            case string text:
                context.Budget.Scan(text.Length);
                return PythonNumber.ParseInteger(text, bound.Int(1, 10)) is { } parsed ? Number.Of(parsed)
                    : PythonNumber.ParseFloat(text) is { } number && double.IsFinite(number) ? Truncate(number)
                    : standard;
            default:
                return Number.IsInteger(value) ? Number.Of(Number.Big(value)) : standard;
        }
    }

    private static object? ToFloat(FilterContext context, object? value, Bound bound)
    {
        var standard = bound.Has(0) ? bound.Raw(0) : 0.0;
        return Operators.Defined(value) is string text ? PythonNumber.ParseFloat(text) ?? standard
            : Number.IsNumber(value) ? Number.Double(value)
            : standard;
    }

    private static object Round(FilterContext context, object? value, Bound bound)
    {
        var method = bound.Has(1) ? bound[1] as string : "common";
        if (method is not ("common" or "ceil" or "floor"))
        {
            throw TemplateException.Value("method must be common, ceil or floor");
        }

        Operators.Defined(value);
        if (!Number.IsNumber(value))
        {
            throw TemplateException.Value(method == "common"
                ? $"type {PythonTypes.Name(value)} doesn't define __round__ method"
                : $"must be real number, not {PythonTypes.Name(value)}");
        }

        if (method == "common")
        {
            return Nearest(value!, bound.Int(0, 0));
        }

        var factor = Number.Apply(BinaryOperator.Power, 10L, Number.Of(Number.Big(bound.Or(0, 0L))));
        var scaled = Number.Apply(BinaryOperator.Multiply, value!, factor);
        var whole = scaled is double d ? Truncate(method == "ceil" ? Math.Ceiling(d) : Math.Floor(d)) : scaled;
        return Number.Apply(BinaryOperator.Divide, whole, factor);
    }

    private static object Nearest(object value, int precision) => value switch
    {
        double d => ExactDecimal.Round(d, precision),
        _ when precision >= 0 => Number.Of(Number.Big(value)),
        _ when -precision > PythonNumber.DigitsMax => 0L,
        _ => Number.Of(ExactDecimal.Round(Number.Big(value), -precision)),
    };

    private static string FileSize(FilterContext context, object? value, Bound bound)
    {
        Operators.Defined(value);
        var bytes = value is string text
            ? PythonNumber.ParseFloat(text) ?? throw TemplateException.Value($"could not convert string to float: {PythonRepr.Of(text, context.Budget)}")
            : Number.IsNumber(value) ? Number.Double(value)
            : throw TemplateException.Value($"float() argument must be a string or a real number, not '{PythonTypes.Name(value)}'");
        var binary = bound.Truth(0, standard: false);
        var unit = binary ? 1024.0 : 1000.0;
        if (bytes < unit)
        {
            return bytes == 1 ? "1 Byte" : $"{Truncate(bytes)} Bytes";
        }

        var power = 0;
        var size = unit * unit;
        while (power < DecimalPrefixes.Length - 1 && bytes >= size)
        {
            size *= unit;
            power++;
        }

        return NumberText.Float(unit * bytes / size, 'f', 1, isAlternate: false) + " " + (binary ? BinaryPrefixes : DecimalPrefixes)[power];
    }
}
