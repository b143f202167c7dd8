using System.Globalization;
using System.Numerics;
using System.Text;
using Osmo.Workflows.Templates.Evaluation;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's <c>str()</c> and <c>repr()</c> (contract: workflow-spec §4, output conversion).</summary>
internal sealed class PythonRepr
{
    /// <summary>Nesting of values that are printed.</summary>
    private const int DepthMax = 200;

    private readonly StringBuilder _text = new();
    private readonly List<object> _open = [];
    private readonly Budget _budget;
    private readonly bool _sortKeys;

    private PythonRepr(Budget budget, bool sortKeys) => (_budget, _sortKeys) = (budget, sortKeys);

    /// <summary>Python's <c>str()</c>.</summary>
    public static string Text(object? value, Budget budget)
    {
        switch (value)
        {
            case string text:
                return text;
            case Undefined undefined:
                undefined.UseAsNothing();
                return "";
            default:
                return Of(value, budget);
        }
    }

    /// <summary>Python's <c>repr()</c>.</summary>
    /// <param name="sortKeys">Entries of maps come by their keys, if these are all texts.</param>
    public static string Of(object? value, Budget budget, bool sortKeys = false)
    {
        if (Scalar(value) is { } scalar)
        {
            return scalar;
        }

        var repr = new PythonRepr(budget, sortKeys);
        repr.Append(value);
        return repr._text.ToString();
    }

    /// <summary>Null for values that need more than a word.</summary>
    private static string? Scalar(object? value) => value switch
    {
        null => "None",
        bool b => b ? "True" : "False",
        long l => l.ToString(CultureInfo.InvariantCulture),
        double d => PythonText.Of(d),
        BigInteger b => Integer(b),
        _ => null,
    };

    public static string Integer(BigInteger value)
    {
        // A digit is at least three bits.
        var text = value.ToString(CultureInfo.InvariantCulture);
        return text.Length - (value.Sign < 0 ? 1 : 0) <= PythonNumber.DigitsMax
            ? text
            : throw TemplateException.Value(
                $"Exceeds the limit ({PythonNumber.DigitsMax} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit");
    }

    private void Append(object? value)
    {
        _budget.Step();
        switch (value)
        {
            case string text:
                Quote(text);
                break;
            case PyList list:
                Items(list, "[", "]", "[...]");
                break;
            case PyTuple tuple:
                Items(tuple, "(", tuple.Items.Length == 1 ? ",)" : ")", "(...)");
                break;
            case PyDict dict:
                Entries(dict);
                break;
            case PyView view:
                Write(view.TypeName);
                Items(view, "([", "])", "...");
                break;
            case PyRange range:
                Write(range.Step == 1 ? $"range({range.Start}, {range.Stop})" : $"range({range.Start}, {range.Stop}, {range.Step})");
                break;
            case Namespace space:
                Write("<Namespace ");
                Append(space.Attributes);
                Write(">");
                break;
            case PyObject other:
                Write(other.Repr());
                break;
            case Undefined:
                Write("Undefined");
                break;
            default:
                Write(Scalar(value) ?? throw new ArgumentOutOfRangeException(nameof(value), value?.GetType(), "Not a template value."));
                break;
        }
    }

    /// <summary>A container that holds itself is shown once.</summary>
    private bool Open(object container, string again)
    {
        if (_open.Exists(open => ReferenceEquals(open, container)))
        {
            Write(again);
            return false;
        }

        if (_open.Count >= DepthMax)
        {
            throw TemplateException.Value("maximum recursion depth exceeded while getting the repr of an object");
        }

        _open.Add(container);
        return true;
    }

    private void Items(object sequence, string open, string close, string again)
    {
        if (!Open(sequence, again))
        {
            return;
        }

        Write(open);
        for (var i = 0; i < Operators.Length(sequence); i++)
        {
            Write(i > 0 ? ", " : "");
            Append(Operators.At(sequence, i));
        }

        Write(close);
        _open.RemoveAt(_open.Count - 1);
    }

    private void Entries(PyDict dict)
    {
        if (!Open(dict, "{...}"))
        {
            return;
        }

        Write("{");
        var first = true;
        IEnumerable<KeyValuePair<PyKey, object?>> entries = !_sortKeys || dict.Entries.Keys.Any(key => key.Value is not string)
            ? dict.Entries
            : Sorting.Sort(dict.Entries, reverse: false, (a, b) => Operators.IsLess(a.Key.Value, b.Key.Value, _budget), _budget);
        foreach (var (key, value) in entries)
        {
            Write(first ? "" : ", ");
            first = false;
            Append(key.Value);
            Write(": ");
            Append(value);
        }

        Write("}");
        _open.RemoveAt(_open.Count - 1);
    }

    private void Quote(string value)
    {
        _budget.AllocateText(value.Length);
        var quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        _text.Append(quote);
        foreach (var rune in CodePoints.Runes(value))
        {
            var c = rune.Value;
            _ = c switch
            {
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                _ when c == quote => _text.Append('\\').Append(quote),
                >= ' ' and < 127 => _text.Append((char)c),
                _ when c > 127 && IsPrintable(rune) => _text.Append(rune.ToString()),
                <= 0xFF => _text.Append(CultureInfo.InvariantCulture, $"\\x{c:x2}"),
                <= 0xFFFF => _text.Append(CultureInfo.InvariantCulture, $"\\u{c:x4}"),
                _ => _text.Append(CultureInfo.InvariantCulture, $"\\U{c:x8}"),
            };
        }

        _text.Append(quote);
    }

    private void Write(string text)
    {
        _budget.Allocate(2L * text.Length);
        _text.Append(text);
    }

    public static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}
