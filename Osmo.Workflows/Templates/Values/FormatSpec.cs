using System.Globalization;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's format mini-language: <c>[[fill]align][sign][#][0][width][grouping][.precision][type]</c>.</summary>
internal sealed record FormatSpec
{
    public string Fill { get; init; } = " ";

    /// <summary>One of &lt; &gt; ^ =, or NUL for what the type of the value usually has.</summary>
    public char Align { get; init; }

    public char Sign { get; init; } = '-';

    public bool IsAlternate { get; init; }

    public bool IsZeroPadded { get; init; }

    public int Width { get; init; }

    /// <summary>',' or '_' between groups of digits, or NUL.</summary>
    public char Grouping { get; init; }

    public int? Precision { get; init; }

    /// <summary>NUL for the type's own.</summary>
    public char Type { get; init; }

    public static string Apply(object? value, string spec, Budget budget)
    {
        if (spec.Length == 0)
        {
            return PythonRepr.Text(value, budget);
        }

        return value switch
        {
            string text => Parse(spec).Text(text, budget),
            _ when Values.Number.IsNumber(value) => Parse(spec).Number(value!, budget),
            Undefined undefined => throw undefined.Error(),
            _ => throw TemplateException.Value($"unsupported format string passed to {PythonTypes.Name(value)}.__format__"),
        };
    }

    public string Number(object value, Budget budget)
    {
        budget.AllocateText(Width + (long)(Precision ?? 0));
        var isFloat = value is double || Type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%';
        if (Type != '\0' && !(value is double ? "eEfFgGn%" : "bcdeEfFgGnoxX%").Contains(Type))
        {
            throw UnknownType(value);
        }

        if (Grouping != '\0' && (Type is 'n' or 'c' || (Grouping == ',' && Type is 'b' or 'o' or 'x' or 'X')))
        {
            throw TemplateException.Value($"Cannot specify '{Grouping}' with '{Type}'.");
        }

        if (Type == 'c')
        {
            return Padded("", NumberText.Character(value), '>');
        }

        if (!isFloat && Precision is not null)
        {
            throw TemplateException.Value("Precision not allowed in integer format specifier");
        }

        var isNegative = isFloat
            ? Values.Number.Double(value) is var d && double.IsNegative(d) && !double.IsNaN(d)
            : Values.Number.Big(value).Sign < 0;
        var sign = isNegative ? "-" : Sign == '-' ? "" : Sign.ToString();
        var digits = isFloat ? NumberText.Float(Values.Number.Double(value), Type, Precision, IsAlternate) : NumberText.Integer(value, Type);
        var prefix = !isFloat && IsAlternate && Type is 'b' or 'o' or 'x' or 'X' ? $"0{Type}" : "";
        return Padded(sign + prefix, Grouped(digits, sign.Length + prefix.Length), '>');
    }

    private static FormatSpec Parse(string spec)
    {
        var at = 0;
        var parsed = new FormatSpec();
        var fill = CodePoints.UnitOf(spec, 1);
        if (fill < spec.Length && IsAlign(spec[fill]))
        {
            parsed = parsed with { Fill = spec[..fill], Align = spec[fill] };
            at = fill + 1;
        }
        else if (IsAlign(spec[0]))
        {
            parsed = parsed with { Align = spec[0] };
            at = 1;
        }

        if (Peek() is '+' or '-' or ' ')
        {
            parsed = parsed with { Sign = spec[at++] };
        }

        if (Peek() == '#')
        {
            parsed = parsed with { IsAlternate = true };
            at++;
        }

        if (Peek() == '0')
        {
            parsed = parsed with { IsZeroPadded = true, Fill = parsed.Align == '\0' ? "0" : parsed.Fill };
            at++;
        }

        parsed = parsed with { Width = Digits() ?? 0 };
        if (Peek() is ',' or '_')
        {
            parsed = parsed with { Grouping = spec[at++] };
        }

        if (Peek() == '.')
        {
            at++;
            parsed = parsed with { Precision = Digits() ?? throw TemplateException.Value("Format specifier missing precision") };
        }

        if (at < spec.Length)
        {
            parsed = parsed with { Type = spec[at++] };
        }

        return at == spec.Length ? parsed : throw TemplateException.Value("Invalid format specifier");

        char Peek() => at < spec.Length ? spec[at] : '\0';

        int? Digits()
        {
            var start = at;
            while (char.IsAsciiDigit(Peek()))
            {
                at++;
            }

            return at == start ? null
                : int.TryParse(spec.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
                : throw TemplateException.Value("Too many decimal digits in format string");
        }
    }

    private static bool IsAlign(char c) => c is '<' or '>' or '^' or '=';

    private string Text(string text, Budget budget)
    {
        if (Type is not ('\0' or 's'))
        {
            throw UnknownType(text);
        }

        if (Sign != '-' || IsAlternate || Align == '=' || Grouping != '\0')
        {
            throw TemplateException.Value(Align == '=' ? "'=' alignment not allowed in string format specifier"
                : Grouping != '\0' ? $"Cannot specify '{Grouping}' with 's'."
                : IsAlternate ? "Alternate form (#) not allowed in string format specifier"
                : "Sign not allowed in string format specifier");
        }

        budget.AllocateText(Width + (long)text.Length);
        return Padded("", Precision is { } most ? CodePoints.Take(text, most) : text, '<');
    }

    private TemplateException UnknownType(object value) =>
        TemplateException.Value($"Unknown format code '{Type}' for object of type '{PythonTypes.Name(value)}'");

    /// <summary>The whole part in groups; zeros that fill the width are grouped with it.</summary>
    private string Grouped(string digits, int before)
    {
        if (Grouping == '\0')
        {
            return digits;
        }

        var size = Type is 'b' or 'o' or 'x' or 'X' ? 4 : 3;
        var end = digits.AsSpan().IndexOfAnyExceptInRange('0', '9') is var other and >= 0 && size == 3 ? other : digits.Length;
        var whole = digits[..end];
        var rest = digits[end..];
        if (whole.Length == 0)
        {
            return digits;
        }

        var groups = (whole.Length - 1) / size;
        if (IsZeroPadded && Fill == "0")
        {
            while (whole.Length + groups + before + rest.Length < Width)
            {
                whole = "0" + whole;
                groups = (whole.Length - 1) / size;
            }
        }

        for (var at = whole.Length - size; at > 0; at -= size)
        {
            whole = whole.Insert(at, Grouping.ToString());
        }

        return whole + rest;
    }

    private string Padded(string sign, string text, char standard)
    {
        var missing = Width - CodePoints.Count(text) - sign.Length;
        if (missing <= 0)
        {
            return sign + text;
        }

        var align = Align != '\0' ? Align : IsZeroPadded && standard == '>' ? '=' : standard;
        return align switch
        {
            '<' => sign + text + Filled(missing),
            '^' => Filled(missing / 2) + sign + text + Filled(missing - (missing / 2)),
            '=' => sign + Filled(missing) + text,
            _ => Filled(missing) + sign + text,
        };
    }

    private string Filled(int count) => Fill.Length == 1 ? new string(Fill[0], count) : string.Concat(Enumerable.Repeat(Fill, count));
}
