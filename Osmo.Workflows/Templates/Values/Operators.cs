using System.Globalization;
using System.Numerics;
using System.Text;

namespace Osmo.Workflows.Templates.Values;

/// <summary>What Python's operators and conversions do with template values.</summary>
internal static class Operators
{
    /// <summary>Nesting of values that are printed or compared.</summary>
    private const int DepthMax = 100;

    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        bool b => b,
        long l => l != 0,
        BigInteger b => !b.IsZero,
        double d => d != 0,
        string s => s.Length > 0,
        PyList l => l.Items.Count > 0,
        PyTuple t => !t.Items.IsEmpty,
        PyDict d => d.Entries.Count > 0,
        PyRange r => r.Count > 0,
        Undefined u => throw u.Error(),
        _ => true,
    };

    public static bool AreEqual(object? left, object? right) => AreEqual(left, right, 0);

    /// <summary>Order of two values of like type.</summary>
    public static int Compare(object? left, object? right, string operation)
    {
        Use(left);
        Use(right);
        if (Number.IsNumber(left) && Number.IsNumber(right))
        {
            return left is double || right is double ? Number.Double(left).CompareTo(Number.Double(right)) : Number.Big(left).CompareTo(Number.Big(right));
        }

        if (left is string a && right is string b)
        {
            return CompareText(a, b);
        }

        if (Sequence(left) is { } first && Sequence(right) is { } second && left!.GetType() == right!.GetType())
        {
            for (var i = 0; i < Math.Min(first.Count, second.Count); i++)
            {
                if (!AreEqual(first[i], second[i]))
                {
                    return Compare(first[i], second[i], operation);
                }
            }

            return first.Count.CompareTo(second.Count);
        }

        throw TemplateException.Value(
            $"'{operation}' not supported between instances of '{PythonTypes.Name(left)}' and '{PythonTypes.Name(right)}'");
    }

    public static bool Contains(object? container, object? item)
    {
        Use(container);
        switch (container)
        {
            case string text:
                return item is string part
                    ? text.Contains(part, StringComparison.Ordinal)
                    : throw TemplateException.Value($"'in <string>' requires string as left operand, not {PythonTypes.Name(Use(item))}");
            case PyDict dict:
                return dict.TryGet(item, out _);
            default:
                return Iterate(container).Any(element => AreEqual(element, item));
        }
    }

    /// <summary>The elements that a <c>for</c> would visit.</summary>
    public static IEnumerable<object?> Iterate(object? value) => value switch
    {
        PyList list => list.Items.ToArray(),
        PyTuple tuple => tuple.Items,
        PyDict dict => dict.Entries.Keys.Select(key => key.Value).ToArray(),
        PyRange range => Enumerable.Range(0, range.Count).Select(index => (object?)range[index]),
        string text => text.EnumerateRunes().Select(rune => (object?)rune.ToString()),
        Undefined undefined => throw undefined.Error(),
        _ => throw TemplateException.Value($"'{PythonTypes.Name(value)}' object is not iterable"),
    };

    public static int Length(object? value) => value switch
    {
        string text => text.EnumerateRunes().Count(),
        PyList list => list.Items.Count,
        PyTuple tuple => tuple.Items.Length,
        PyDict dict => dict.Entries.Count,
        PyRange range => range.Count,
        Undefined undefined => throw undefined.Error(),
        _ => throw TemplateException.Value($"object of type '{PythonTypes.Name(value)}' has no len()"),
    };

    /// <summary>The value, unless it is undefined.</summary>
    public static object? Use(object? value) => value is Undefined undefined ? throw undefined.Error() : value;

    /// <summary>Python's <c>str()</c>.</summary>
    public static string ToText(object? value) => value switch
    {
        string text => text,
        Undefined undefined => throw undefined.Error(),
        _ => Repr(value),
    };

    /// <summary>Python's <c>repr()</c>.</summary>
    public static string Repr(object? value)
    {
        var text = new StringBuilder();
        Repr(text, value, 0);
        return text.ToString();
    }

    /// <summary>Code point order, as Python compares strings.</summary>
    public static int CompareText(string a, string b)
    {
        using var left = a.EnumerateRunes().GetEnumerator();
        using var right = b.EnumerateRunes().GetEnumerator();
        while (true)
        {
            var more = left.MoveNext();
            if (more != right.MoveNext())
            {
                return more ? 1 : -1;
            }

            if (!more)
            {
                return 0;
            }

            if (left.Current != right.Current)
            {
                return left.Current.CompareTo(right.Current);
            }
        }
    }

    public static string Float(double value)
    {
        if (double.IsNaN(value) || double.IsInfinity(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var roundTrip = value.ToString("R", CultureInfo.InvariantCulture);
        var exponent = value == 0 ? 0 : Exponent(roundTrip.TrimStart('-'));
        var digits = Digits(roundTrip, out var negative);
        var sign = negative ? "-" : "";
        if (exponent is < -4 or >= 16)
        {
            var mantissa = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
            return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        return digits.Length > exponent + 1
            ? $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}"
            : $"{sign}{digits.PadRight(exponent + 1, '0')}.0";
    }

    /// <summary>The power of ten of the first digit that is not zero.</summary>
    private static int Exponent(string roundTrip)
    {
        var e = roundTrip.IndexOf('E');
        var written = e < 0 ? 0 : int.Parse(roundTrip.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? roundTrip : roundTrip[..e];
        var point = mantissa.IndexOf('.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        return whole != "0" ? written + whole.Length - 1 : written - 1 - mantissa.AsSpan(point + 1).IndexOfAnyExcept('0');
    }

    private static string Digits(string roundTrip, out bool negative)
    {
        negative = roundTrip.StartsWith('-');
        var mantissa = roundTrip.TrimStart('-').Split('E')[0].Replace(".", "").TrimStart('0').TrimEnd('0');
        return mantissa.Length == 0 ? "0" : mantissa;
    }

    private static bool AreEqual(object? left, object? right, int depth)
    {
        Use(left);
        Use(right);
        if (depth > DepthMax)
        {
            throw TemplateException.Value("maximum recursion depth exceeded in comparison");
        }

        if (Number.IsNumber(left) && Number.IsNumber(right))
        {
            return left is double || right is double ? Number.Double(left) == Number.Double(right) : Number.Big(left) == Number.Big(right);
        }

        switch (left, right)
        {
            case (string a, string b):
                return string.Equals(a, b, StringComparison.Ordinal);
            case (PyDict a, PyDict b):
                return a.Entries.Count == b.Entries.Count
                    && a.Entries.All(entry => b.Entries.TryGetValue(entry.Key, out var other) && AreEqual(entry.Value, other, depth + 1));
            case (PyRange a, PyRange b):
                return a.Count == b.Count && (a.Count == 0 || (a.Start == b.Start && (a.Count == 1 || a.Step == b.Step)));
            default:
                if (Sequence(left) is { } first && Sequence(right) is { } second && left!.GetType() == right!.GetType())
                {
                    return first.Count == second.Count && first.Zip(second).All(pair => AreEqual(pair.First, pair.Second, depth + 1));
                }

                return ReferenceEquals(left, right);
        }
    }

    private static IReadOnlyList<object?>? Sequence(object? value) => value switch
    {
        PyList list => list.Items,
        PyTuple tuple => tuple.Items,
        _ => null,
    };

    private static void Repr(StringBuilder text, object? value, int depth)
    {
        if (depth > DepthMax)
        {
            throw TemplateException.Value("maximum recursion depth exceeded while getting the repr of an object");
        }

        switch (value)
        {
            case null:
                text.Append("None");
                break;
            case bool b:
                text.Append(b ? "True" : "False");
                break;
            case double d:
                text.Append(Float(d));
                break;
            case string s:
                ReprText(text, s);
                break;
            case PyList list:
                Items(text, "[", list.Items, "]", depth);
                break;
            case PyTuple tuple:
                Items(text, "(", tuple.Items, tuple.Items.Length == 1 ? ",)" : ")", depth);
                break;
            case PyDict dict:
                ReprDict(text, dict, depth);
                break;
            case PyRange range:
                text.Append(range.Step == 1 ? $"range({range.Start}, {range.Stop})" : $"range({range.Start}, {range.Stop}, {range.Step})");
                break;
            case Undefined undefined:
                throw undefined.Error();
            case long or BigInteger:
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                text.Append('<').Append(PythonTypes.Name(value)).Append('>');
                break;
        }
    }

    private static void Items(StringBuilder text, string open, IReadOnlyList<object?> items, string close, int depth)
    {
        text.Append(open);
        for (var i = 0; i < items.Count; i++)
        {
            text.Append(i > 0 ? ", " : "");
            Repr(text, items[i], depth + 1);
        }

        text.Append(close);
    }

    private static void ReprDict(StringBuilder text, PyDict dict, int depth)
    {
        text.Append('{');
        var first = true;
        foreach (var (key, value) in dict.Entries)
        {
            text.Append(first ? "" : ", ");
            first = false;
            Repr(text, key.Value, depth + 1);
            text.Append(": ");
            Repr(text, value, depth + 1);
        }

        text.Append('}');
    }

    private static void ReprText(StringBuilder text, string value)
    {
        var quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        text.Append(quote);
        foreach (var rune in value.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case var c when c == quote:
                    text.Append('\\').Append(quote);
                    break;
                case < 32 or 127:
                    text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
                    break;
                default:
                    text.Append(IsPrintable(rune) ? rune.ToString() : rune.Value <= 0xFF ? $"\\x{rune.Value:x2}" : rune.Value <= 0xFFFF ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}");
                    break;
            }
        }

        text.Append(quote);
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
