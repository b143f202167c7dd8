using System.Globalization;
using System.Text;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's <c>str.format</c>, with no more access to attributes than templates have themselves.</summary>
internal sealed class BraceFormat(Budget budget)
{
    /// <summary>A field's specification may hold fields, whose specifications may not.</summary>
    private const int LevelsMax = 2;

    private readonly Attributes _attributes = new(budget);
    private CallArguments _arguments = CallArguments.None;
    private int _next;

    public string Apply(string format, CallArguments arguments)
    {
        _arguments = arguments;
        return Apply(format, LevelsMax);
    }

    /// <summary><c>format_map</c></summary>
    public string Apply(string format, object? values)
    {
        var dict = values as PyDict ?? throw TemplateException.Value($"'{PythonTypes.Name(values)}' object is not a mapping");
        return Apply(format, new CallArguments([], [.. dict.Entries.Where(entry => entry.Key.Value is string)
            .Select(entry => ((string)entry.Key.Value!, entry.Value))]));
    }

    private string Apply(string format, int levels)
    {
        if (levels == 0)
        {
            throw TemplateException.Value("Max string recursion exceeded");
        }

        budget.AllocateText(format.Length);
        var result = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            var c = format[at];
            if (c is not ('{' or '}'))
            {
                result.Append(c);
            }
            else if (at + 1 < format.Length && format[at + 1] == c)
            {
                result.Append(c);
                at++;
            }
            else if (c == '}' || at + 1 == format.Length)
            {
                throw TemplateException.Value($"Single '{c}' encountered in format string");
            }
            else
            {
                var end = FieldEnd(format, at + 1);
                var text = Field(format[(at + 1)..end], levels);
                budget.AllocateText(text.Length);
                result.Append(text);
                at = end;
            }
        }

        return result.ToString();
    }

    private static int FieldEnd(string format, int start)
    {
        var open = 1;
        for (var at = start; at < format.Length; at++)
        {
            // What is between brackets is a key, whatever it holds.
            if (format[at] == '[' && open == 1 && format.IndexOf(']', at) is var close and >= 0 && format.IndexOf(':', start, at - start) < 0)
            {
                at = close;
                continue;
            }

            open += format[at] == '{' ? 1 : format[at] == '}' ? -1 : 0;
            if (open == 0)
            {
                return at;
            }
        }

        throw TemplateException.Value("expected '}' before end of string");
    }

    private string Field(string field, int levels)
    {
        budget.Step();
        var end = NameEnd(field);
        var name = field[..end];
        var conversion = '\0';
        if (end < field.Length && field[end] == '!')
        {
            if (end + 1 == field.Length || (end + 2 < field.Length && field[end + 2] != ':'))
            {
                throw TemplateException.Value(end + 1 == field.Length
                    ? "end of string while looking for conversion specifier"
                    : "expected ':' after conversion specifier");
            }

            conversion = field[end + 1];
            end += 2;
        }

        var value = Value(name);
        value = conversion switch
        {
            '\0' => value,
            'r' => PythonRepr.Of(value, budget),
            's' => PythonRepr.Text(value, budget),
            'a' => PercentFormat.Apply("%a", new PyTuple([value]), budget),
            _ => throw TemplateException.Value($"Unknown conversion specifier {conversion}"),
        };
        return FormatSpec.Apply(value, end < field.Length ? Apply(field[(end + 1)..], levels - 1) : "", budget);
    }

    private static int NameEnd(string field)
    {
        for (var at = 0; at < field.Length; at++)
        {
            switch (field[at])
            {
                case '[' when field.IndexOf(']', at) is var close and >= 0:
                    at = close;
                    break;
                case '{':
                    throw TemplateException.Value("unexpected '{' in field name");
                case '!' or ':':
                    return at;
            }
        }

        return field.Length;
    }

    private object? Value(string name)
    {
        var end = name.AsSpan().IndexOfAny('.', '[') is var at and >= 0 ? at : name.Length;
        var first = name[..end];
        var value = first.Length == 0 || first.All(char.IsAsciiDigit) ? Positional(first) : Named(first);
        for (var path = name[end..]; path.Length > 0;)
        {
            if (path[0] == '.')
            {
                var stop = path.AsSpan(1).IndexOfAny('.', '[') is var next and >= 0 ? next + 1 : path.Length;
                value = _attributes.Attribute(value, NotEmpty(path[1..stop]));
                path = path[stop..];
                continue;
            }

            var close = path.IndexOf(']');
            if (path[0] != '[' || close < 0)
            {
                throw TemplateException.Value(path[0] == '['
                    ? "Missing ']' in format string"
                    : "Only '.' or '[' may follow ']' in format field specifier");
            }

            var key = NotEmpty(path[1..close]);
            value = _attributes.Item(value, key.All(char.IsAsciiDigit) && long.TryParse(key, out var index) ? index : key);
            path = path[(close + 1)..];
        }

        return value;
    }

    private static string NotEmpty(string part) => part.Length > 0 ? part : throw TemplateException.Value("Empty attribute in format string");

    private object? Positional(string written)
    {
        // Fields are numbered by the author or by their order, not both.
        if (written.Length == 0 ? _next < 0 : _next > 0)
        {
            throw TemplateException.Value("cannot switch from manual field specification to automatic field numbering");
        }

        var index = written.Length == 0 ? _next++
            : int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : int.MaxValue;
        _next = written.Length == 0 ? _next : -1;
        return index < _arguments.Positional.Length
            ? _arguments.Positional[index]
            : throw TemplateException.Value($"Replacement index {index} out of range for positional args tuple");
    }

    private object? Named(string name)
    {
        foreach (var (known, value) in _arguments.Named)
        {
            if (known == name)
            {
                return value;
            }
        }

        throw TemplateException.Value($"'{name}'");
    }
}
