using System.Globalization;
using System.Text;
using Osmo.Workflows.Templates.Evaluation;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Templates.Values;

/// <summary>The filter <c>tojson</c>: keys sorted, ASCII only, safe within HTML.</summary>
internal sealed class JsonText
{
    private const int DepthMax = 200;

    private readonly StringBuilder _text = new();
    private readonly Budget _budget;
    private readonly string? _indent;
    private int _depth;

    private JsonText(Budget budget, string? indent) => (_budget, _indent) = (budget, indent);

    /// <param name="bound">Indentation: a number of blanks, a text, or none for one line.</param>
    public static object? Of(FilterContext context, object? value, Bound bound)
    {
        var indent = bound.Or(0, null) switch
        {
            null => null,
            string text => text,
            var blanks => new string(' ', Math.Clamp(Number.Index(blanks), 0, DepthMax)),
        };
        var json = new JsonText(context.Budget, indent);
        json.Append(Operators.Defined(value));
        return json._text.ToString();
    }

    private void Append(object? value)
    {
        _budget.Step();
        switch (value)
        {
            case string text:
                Quote(text);
                break;
            case PyDict dict:
                Entries(dict);
                break;
            case PyList or PyTuple:
                Open('[');
                for (var i = 0; i < Operators.Length(value); i++)
                {
                    Separate(isFirst: i == 0);
                    Append(Operators.At(value, i));
                }

                Close(']', isEmpty: Operators.Length(value) == 0);
                break;
            default:
                Write(Scalar(value) ?? throw TemplateException.Value($"Object of type {PythonTypes.Name(value)} is not JSON serializable"));
                break;
        }
    }

    private static string? Scalar(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        double d => double.IsNaN(d) ? "NaN" : double.IsInfinity(d) ? (d > 0 ? "Infinity" : "-Infinity") : PythonText.Of(d),
        _ when Number.IsInteger(value) => PythonRepr.Integer(Number.Big(value)),
        _ => null,
    };

    private void Entries(PyDict dict)
    {
        Open('{');
        var isFirst = true;
        foreach (var (key, value) in Sorting.Sort(dict.Entries, reverse: false, (a, b) => Operators.IsLess(a.Key.Value, b.Key.Value, _budget), _budget))
        {
            Separate(isFirst);
            isFirst = false;
            Quote(key.Value as string ?? Scalar(key.Value)
                ?? throw TemplateException.Value($"keys must be str, int, float, bool or None, not {PythonTypes.Name(key.Value)}"));
            Write(": ");
            Append(value);
        }

        Close('}', isEmpty: isFirst);
    }

    private void Open(char bracket)
    {
        if (++_depth > DepthMax)
        {
            throw TemplateException.Value("Circular reference detected");
        }

        _text.Append(bracket);
    }

    private void Separate(bool isFirst)
    {
        Write(isFirst ? "" : _indent is null ? ", " : ",");
        NewLine();
    }

    private void Close(char bracket, bool isEmpty)
    {
        _depth--;
        if (!isEmpty)
        {
            NewLine();
        }

        _text.Append(bracket);
    }

    private void NewLine()
    {
        if (_indent is null)
        {
            return;
        }

        _budget.AllocateText((long)_indent.Length * _depth);
        _text.Append('\n');
        for (var i = 0; i < _depth; i++)
        {
            _text.Append(_indent);
        }
    }

    private void Quote(string text)
    {
        _budget.AllocateText(text.Length);
        _text.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => _text.Append("\\\""),
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                '\r' => _text.Append("\\r"),
                '\t' => _text.Append("\\t"),
                '\b' => _text.Append("\\b"),
                '\f' => _text.Append("\\f"),
                '<' or '>' or '&' or '\'' or < ' ' or > '~' when c != '\x7f' => _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => _text.Append(c),
            };
        }

        _text.Append('"');
    }

    private void Write(string text)
    {
        _budget.Allocate(2L * text.Length);
        _text.Append(text);
    }
}
