using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's <c>'%s %d' % values</c>.</summary>
internal static partial class PercentFormat
{
    public static string Apply(string format, object? values, Budget budget)
    {
        var arguments = values is PyTuple tuple ? tuple.Items : [values];
        var next = 0;
        var result = new StringBuilder();
        var last = 0;
        foreach (Match match in Pattern().Matches(format))
        {
            budget.Step();
            result.Append(format, last, match.Index - last);
            last = match.Index + match.Length;
            var type = match.Groups["type"].Value;
            if (type == "%")
            {
                result.Append('%');
                continue;
            }

            var value = match.Groups["key"].Success ? Named(values, match.Groups["key"].Value)
                : next < arguments.Length ? arguments[next++]
                : throw TemplateException.Value("not enough arguments for format string");
            var text = Convert(value, type, match.Groups["flags"].Value, match.Groups["width"].Value, match.Groups["precision"].Value, budget);
            budget.Allocate(2L * text.Length);
            result.Append(text);
        }

        if (values is not PyDict && next < arguments.Length)
        {
            throw TemplateException.Value("not all arguments converted during string formatting");
        }

        return result.Append(format, last, format.Length - last).ToString();
    }

    private static object? Named(object? values, string key) =>
        values is PyDict dict
            ? dict.TryGet(key, out var value) ? value : throw TemplateException.Value($"KeyError: '{key}'")
            : throw TemplateException.Value("format requires a mapping");

    private static string Convert(object? value, string type, string flags, string width, string precision, Budget budget)
    {
        var text = type switch
        {
            "s" => Operators.ToText(value),
            "r" or "a" => Operators.Repr(value),
            _ when !Number.IsNumber(value) => throw TemplateException.Value($"%{type} format: a real number is required, not {PythonTypes.Name(Operators.Use(value))}"),
            "d" or "i" or "u" => FormatSpec.Apply(value is double d ? Number.Of(new System.Numerics.BigInteger(Math.Truncate(d))) : Number.Of(Number.Big(value)), Sign(flags), budget),
            _ => FormatSpec.Apply(value, $"{Sign(flags)}{(precision.Length > 0 ? "." + precision : "")}{type}", budget),
        };
        if (type is "s" or "r" or "a" && precision.Length > 0 && int.Parse(precision, CultureInfo.InvariantCulture) is var most && most < text.Length)
        {
            text = text[..most];
        }

        if (width.Length == 0)
        {
            return text;
        }

        var wide = int.Parse(width, CultureInfo.InvariantCulture);
        budget.Allocate(2L * wide);
        return flags.Contains('-') ? text.PadRight(wide)
            : flags.Contains('0') && Number.IsNumber(value) && type is not ("s" or "r") ? FormatSpec.Apply(text, $"0={wide}", budget)
            : text.PadLeft(wide);
    }

    private static string Sign(string flags) => flags.Contains('+') ? "+" : flags.Contains(' ') ? " " : "";

    [GeneratedRegex(@"%(?:\((?<key>[^)]*)\))?(?<flags>[-+ 0#]*)(?<width>\d{1,9})?(?:\.(?<precision>\d{1,9}))?(?<type>[sradiufFeEgGxXoc%])", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
