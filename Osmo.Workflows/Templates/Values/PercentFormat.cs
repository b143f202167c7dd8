using System.Globalization;
using System.Text;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's <c>'%s %d' % values</c>.</summary>
internal sealed class PercentFormat
{
    private readonly string _format;
    private readonly object? _values;
    private readonly Budget _budget;
    private readonly StringBuilder _result = new();
    private int _at;
    private int _next;

    private PercentFormat(string format, object? values, Budget budget) => (_format, _values, _budget) = (format, values, budget);

    public static string Apply(string format, object? values, Budget budget) => new PercentFormat(format, values, budget).Run();

    private string Run()
    {
        _budget.AllocateText(_format.Length);
        while (_at < _format.Length)
        {
            var percent = _format.IndexOf('%', _at);
            var end = percent < 0 ? _format.Length : percent;
            _result.Append(_format, _at, end - _at);
            _at = end;
            if (percent >= 0)
            {
                _at++;
                Conversion();
            }
        }

        // Whatever has elements that can be asked for counts as a mapping, whose unused elements are fine.
        var given = _values switch
        {
            PyTuple tuple => tuple.Items.Length,
            PyList or PyDict or PyRange or Undefined => 0,
            _ => 1,
        };
        return _next >= given ? _result.ToString() : throw TemplateException.Value("not all arguments converted during string formatting");
    }

    private char Peek() => _at < _format.Length ? _format[_at] : throw TemplateException.Value("incomplete format");

    private void Conversion()
    {
        _budget.Step();
        object? value = null;
        var isNamed = Peek() == '(';
        if (isNamed)
        {
            value = Named();
        }

        var start = _at;
        while (Peek() is '#' or '0' or '-' or ' ' or '+')
        {
            _at++;
        }

        var flags = _format[start.._at];
        var width = Amount() ?? 0;
        if (width < 0)
        {
            (flags, width) = (flags + "-", -width);
        }

        int? precision = null;
        if (Peek() == '.')
        {
            _at++;
            precision = Math.Max(0, Amount() ?? 0);
        }

        while (Peek() is 'h' or 'l' or 'L')
        {
            _at++;
        }

        var type = Peek();
        _at++;
        if (type == '%')
        {
            _result.Append('%');
            return;
        }

        Append(isNamed ? value : NextValue(), type, flags, width, precision);
    }

    private object? Named()
    {
        var start = ++_at;
        for (var open = 1; open > 0; _at++)
        {
            if (_at >= _format.Length)
            {
                throw TemplateException.Value("incomplete format key");
            }

            open += _format[_at] == '(' ? 1 : _format[_at] == ')' ? -1 : 0;
        }

        var key = _format[start..(_at - 1)];
        if (_values is not PyDict dict)
        {
            throw TemplateException.Value(_values is PyList or PyRange
                ? $"{PythonTypes.Name(_values)} indices must be integers or slices, not str"
                : "format requires a mapping");
        }

        return dict.TryGet(key, out var value) ? value : throw TemplateException.Value($"'{key}'");
    }

    private object? NextValue()
    {
        var index = _next++;
        return _values is not PyTuple tuple ? index == 0 ? _values : throw NotEnough()
            : index < tuple.Items.Length ? tuple.Items[index]
            : throw NotEnough();
    }

    private static TemplateException NotEnough() => TemplateException.Value("not enough arguments for format string");

    /// <summary>A width or precision: digits, or '*' for the next value.</summary>
    private int? Amount()
    {
        if (Peek() == '*')
        {
            _at++;
            return NextValue() is var value && Number.IsInteger(value) ? Number.Index(value) : throw TemplateException.Value("* wants int");
        }

        var start = _at;
        while (char.IsAsciiDigit(Peek()))
        {
            _at++;
        }

        return start == _at ? null
            : int.TryParse(_format.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? amount
            : throw TemplateException.Value("width too big");
    }

    private void Append(object? value, char type, string flags, int width, int? precision)
    {
        _budget.AllocateText(width + (long)(precision ?? 0));
        var text = type switch
        {
            's' => PythonRepr.Text(value, _budget),
            'r' => PythonRepr.Of(value, _budget),
            'a' => Ascii(PythonRepr.Of(value, _budget)),
            'c' => Character(value),
            _ => null,
        };
        var spec = new FormatSpec { Width = width, Align = flags.Contains('-') ? '<' : '>' };
        if (text is not null)
        {
            text = type != 'c' && precision is { } most ? CodePoints.Take(text, most) : text;
            var missing = Math.Max(0, width - CodePoints.Count(text));
            _result.Append(' ', spec.Align == '>' ? missing : 0).Append(text).Append(' ', spec.Align == '<' ? missing : 0);
            return;
        }

        spec = spec with { Sign = flags.Contains('+') ? '+' : flags.Contains(' ') ? ' ' : '-', IsAlternate = flags.Contains('#') };
        if (flags.Contains('0') && spec.Align == '>')
        {
            spec = spec with { Fill = "0", Align = '=' };
        }

        _result.Append(Numeric(value, type, spec, precision));
    }

    private string Numeric(object? value, char type, FormatSpec spec, int? precision)
    {
        if (type is not ('d' or 'i' or 'u' or 'x' or 'X' or 'o' or 'e' or 'E' or 'f' or 'F' or 'g' or 'G'))
        {
            throw TemplateException.Value($"unsupported format character '{type}' (0x{(int)type:x}) at index {_at - 1}");
        }

        Operators.Defined(value);
        var isDecimal = type is 'd' or 'i' or 'u';
        var isWhole = isDecimal || type is 'x' or 'X' or 'o';
        if (!Number.IsNumber(value) || (value is double && isWhole && !isDecimal))
        {
            var wanted = isWhole && !isDecimal ? "an integer" : "a real number";
            throw TemplateException.Value(isWhole
                ? $"%{type} format: {wanted} is required, not {PythonTypes.Name(value)}"
                : $"must be real number, not {PythonTypes.Name(value)}");
        }

        if (!isWhole)
        {
            return (spec with { Type = type, Precision = precision ?? 6 }).Number(value!, _budget);
        }

        var integer = value is double d ? NumberFilters.Truncate(d) : Number.Of(Number.Big(value));
        spec = spec with { Type = isDecimal ? 'd' : type };
        if (precision is not { } digits)
        {
            return spec.Number(integer, _budget);
        }

        // A precision is the least number of digits, which the mini-language does not have.
        var magnitude = NumberText.Integer(integer, spec.Type).PadLeft(digits, '0');
        var sign = Number.Big(integer).Sign < 0 ? "-" : spec.Sign == '-' ? "" : spec.Sign.ToString();
        var whole = sign + (spec.IsAlternate && !isDecimal ? $"0{type}" : "") + magnitude;
        return spec.Align == '<' ? whole.PadRight(spec.Width) : whole.PadLeft(spec.Width, spec.Align == '=' && sign.Length == 0 ? '0' : ' ');
    }

    private static string Character(object? value) => Operators.Defined(value) switch
    {
        string text when CodePoints.Count(text) == 1 => text,
        long or bool or System.Numerics.BigInteger => NumberText.Character(value!),
        _ => throw TemplateException.Value("%c requires int or char"),
    };

    private static string Ascii(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in CodePoints.Runes(text))
        {
            _ = rune.IsAscii ? result.Append((char)rune.Value)
                : rune.Value <= 0xFF ? result.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}")
                : rune.Value <= 0xFFFF ? result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}")
                : result.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
        }

        return result.ToString();
    }
}
