using System.Text;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's <c>str.format</c>, with no more access to attributes than templates have themselves.</summary>
internal static class BraceFormat
{
    public static string Apply(string format, CallArguments arguments, Budget budget)
    {
        var result = new StringBuilder();
        var attributes = new Attributes(budget);
        var next = 0;
        for (var at = 0; at < format.Length; at++)
        {
            budget.Step();
            var c = format[at];
            if (c is '{' or '}' && at + 1 < format.Length && format[at + 1] == c)
            {
                result.Append(c);
                at++;
            }
            else if (c == '}')
            {
                throw TemplateException.Value("Single '}' encountered in format string");
            }
            else if (c == '{')
            {
                var end = format.IndexOf('}', at);
                if (end < 0)
                {
                    throw TemplateException.Value("expected '}' before end of string");
                }

                var text = Field(format[(at + 1)..end], arguments, attributes, budget, ref next);
                budget.Allocate(2L * text.Length);
                result.Append(text);
                at = end;
            }
            else
            {
                result.Append(c);
            }
        }

        budget.Allocate(2L * result.Length);
        return result.ToString();
    }

    private static string Field(string field, CallArguments arguments, Attributes attributes, Budget budget, ref int next)
    {
        var colon = field.IndexOf(':');
        var spec = colon < 0 ? "" : field[(colon + 1)..];
        var name = colon < 0 ? field : field[..colon];
        var bang = name.IndexOf('!');
        var conversion = bang < 0 ? "" : name[(bang + 1)..];
        name = bang < 0 ? name : name[..bang];

        var end = name.AsSpan().IndexOfAny('.', '[');
        var first = end < 0 ? name : name[..end];
        var value = first.Length == 0 || first.All(char.IsAsciiDigit)
            ? Positional(first.Length == 0 ? next++ : int.Parse(first), arguments)
            : Named(first, arguments);
        value = Path(value, end < 0 ? "" : name[end..], attributes);
        return FormatSpec.Apply(conversion switch
        {
            "" => value,
            "r" => Operators.Repr(value),
            "s" => Operators.ToText(value),
            _ => throw TemplateException.Value($"Unknown conversion specifier '{conversion}'"),
        }, spec, budget);
    }

    private static object? Positional(int index, CallArguments arguments) => index < arguments.Positional.Length
        ? arguments.Positional[index]
        : throw TemplateException.Value("Replacement index " + index + " out of range for positional args tuple");

    private static object? Named(string name, CallArguments arguments)
    {
        foreach (var (known, value) in arguments.Named)
        {
            if (known == name)
            {
                return value;
            }
        }

        throw TemplateException.Value($"KeyError: '{name}'");
    }

    private static object? Path(object? value, string path, Attributes attributes)
    {
        while (path.Length > 0)
        {
            if (path[0] == '.')
            {
                var end = path.AsSpan(1).IndexOfAny('.', '[') is var at and >= 0 ? at + 1 : path.Length;
                value = Operators.Use(attributes.Attribute(value, path[1..end]));
                path = path[end..];
            }
            else
            {
                var end = path.IndexOf(']');
                if (path[0] != '[' || end < 0)
                {
                    throw TemplateException.Value("Only '.' or '[' may follow ']' in format field specifier");
                }

                var key = path[1..end];
                value = Operators.Use(attributes.Item(value, key.Length > 0 && key.All(char.IsAsciiDigit) ? long.Parse(key) : key));
                path = path[(end + 1)..];
            }
        }

        return value;
    }
}
