using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters that make texts.</summary>
internal static class TextFilters
{
    public static ImmutableArray<Filter> All { get; } =
    [
        new("upper", static (_, value, _) => Operators.ToText(value).ToUpperInvariant()),
        new("lower", static (_, value, _) => Operators.ToText(value).ToLowerInvariant()),
        new("capitalize", static (_, value, _) => TextMethods.Capitalize(Operators.ToText(value))),
        new("title", static (_, value, _) => Title(Operators.ToText(value))),
        new("trim", static (_, value, arguments) =>
            TextMethods.Strip(Operators.ToText(value), arguments.Bind("trim", 0, "chars").Or(0, null) as string)),
        new("string", static (_, value, _) => Operators.ToText(value)),
        new("safe", static (_, value, _) => value),
        new("escape", static (_, value, _) => Escape(Operators.ToText(value))),
        new("e", static (_, value, _) => Escape(Operators.ToText(value))),
        new("forceescape", static (_, value, _) => Escape(Operators.ToText(value))),
        new("replace", Replace),
        new("center", Center),
        new("indent", Indent),
        new("truncate", Truncate),
        new("wordcount", static (_, value, _) => (long)TextMethods.Split(Operators.ToText(value), null, -1).Count),
        new("wordwrap", WordWrap),
        new("format", static (context, value, arguments) => PercentFormat.Apply(
            Operators.ToText(value),
            arguments.Named.IsEmpty
                ? new PyTuple(arguments.Positional)
                : new PyDict(arguments.Named.Select(pair => new KeyValuePair<object?, object?>(pair.Name, pair.Value))),
            context.Budget)),
        new("urlencode", UrlEncode),
        new("tojson", ToJson),
        new("pprint", static (_, value, _) => Operators.Repr(value)),
        new("striptags", static (_, value, _) => string.Join(' ', TextMethods.Split(StripTags(Operators.ToText(value)), null, -1))),
    ];

    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var startsWord = true;
        foreach (var c in text)
        {
            result.Append(startsWord ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c));
            startsWord = char.IsWhiteSpace(c) || c is '-' or '(' or '{' or '[' or '<';
        }

        return result.ToString();
    }

    private static string Escape(string text) =>
        text.Replace("&", "&amp;").Replace(">", "&gt;").Replace("<", "&lt;").Replace("'", "&#39;").Replace("\"", "&#34;");

    private static object? Replace(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("replace", 2, "old", "new", "count");
        var method = context.Attributes.Attribute(Operators.ToText(value), "replace") as Function;
        return method!.Call(new CallArguments([Operators.ToText(bound[0]), Operators.ToText(bound[1]), (long)bound.Int(2, -1)], []));
    }

    private static string Center(FilterContext context, object? value, CallArguments arguments)
    {
        var width = arguments.Bind("center", 0, "width").Int(0, 80);
        context.Budget.Allocate(2L * Math.Max(0, width));
        return TextMethods.Center(Operators.ToText(value), width);
    }

    private static string Indent(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("indent", 0, "width", "first", "blank");
        var indentation = bound.Or(0, 4L) is string text ? text : new string(' ', Math.Clamp(bound.Int(0, 4), 0, 10_000));
        var first = bound.Truth(1, standard: false);
        var blank = bound.Truth(2, standard: false);
        var lines = TextMethods.Lines(Operators.ToText(value) + "\n").ToList();
        context.Budget.Allocate(2L * indentation.Length * lines.Count);
        return string.Join('\n', lines.Select((line, index) => (index == 0 ? first : blank || line.Length > 0) ? indentation + line : line));
    }

    private static string Truncate(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("truncate", 0, "length", "killwords", "end", "leeway");
        var text = Operators.ToText(value);
        var length = bound.Int(0, 255);
        var end = bound.Text(2, "...");
        if (length < end.Length)
        {
            throw TemplateException.Value($"expected length >= {end.Length}, got {length}");
        }

        if (text.Length <= length + bound.Int(3, 5))
        {
            return text;
        }

        var cut = text[..(length - end.Length)];
        return (bound.Truth(1, standard: false) || cut.LastIndexOf(' ') < 0 ? cut : cut[..cut.LastIndexOf(' ')]) + end;
    }

    private static string WordWrap(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("wordwrap", 0, "width", "break_long_words", "wrapstring");
        var width = Math.Max(1, bound.Int(0, 79));
        var breaks = bound.Truth(1, standard: true);
        var separator = bound.Text(2, "\n");
        return string.Join(separator, TextMethods.Lines(Operators.ToText(value)).Select(line => string.Join(separator, Wrap(line, width, breaks))));
    }

    private static List<string> Wrap(string line, int width, bool breakLong)
    {
        var lines = new List<string>();
        var current = "";
        foreach (var word in TextMethods.Split(line, null, -1))
        {
            var rest = word;
            if (current.Length > 0 && current.Length + 1 + rest.Length <= width)
            {
                current += " " + rest;
                continue;
            }

            if (current.Length > 0)
            {
                lines.Add(current);
            }

            while (breakLong && rest.Length > width)
            {
                lines.Add(rest[..width]);
                rest = rest[width..];
            }

            current = rest;
        }

        if (current.Length > 0 || lines.Count == 0)
        {
            lines.Add(current);
        }

        return lines;
    }

    private static string UrlEncode(FilterContext context, object? value, CallArguments arguments)
    {
        static string Quote(object? part, bool keepSlash)
        {
            var escaped = Uri.EscapeDataString(Operators.ToText(part));
            return keepSlash ? escaped.Replace("%2F", "/") : escaped;
        }

        return value switch
        {
            PyDict dict => string.Join('&', dict.Entries.Select(entry => $"{Quote(entry.Key.Value, false)}={Quote(entry.Value, false)}")),
            PyList or PyTuple => string.Join('&', Operators.Iterate(value).Select(pair => string.Join('=', Operators.Iterate(pair).Select(part => Quote(part, false))))),
            _ => Quote(value, keepSlash: true),
        };
    }

    private static string ToJson(FilterContext context, object? value, CallArguments arguments)
    {
        var indent = arguments.Bind("tojson", 0, "indent").Int(0, 0);
        var text = new StringBuilder();
        Json(text, value, Math.Clamp(indent, 0, 32), 1);
        return text.ToString().Replace("<", "\\u003c").Replace(">", "\\u003e").Replace("&", "\\u0026").Replace("'", "\\u0027");
    }

    private static void Json(StringBuilder text, object? value, int indent, int depth)
    {
        if (depth > 100)
        {
            throw TemplateException.Value("Circular reference detected");
        }

        switch (value)
        {
            case null:
                text.Append("null");
                break;
            case bool b:
                text.Append(b ? "true" : "false");
                break;
            case double d:
                text.Append(double.IsNaN(d) ? "NaN" : double.IsInfinity(d) ? (d > 0 ? "Infinity" : "-Infinity") : Operators.Float(d));
                break;
            case string s:
                text.Append('"').Append(JsonEncodedText.Encode(s, System.Text.Encodings.Web.JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.BasicLatin))
                    .ToString().Replace("\\u0022", "\\\"").Replace("\\u002B", "+").Replace("\\u0060", "`").Replace("\\u003C", "<").Replace("\\u003E", ">")
                    .Replace("\\u0026", "&").Replace("\\u0027", "'").ToLowerUnicode()).Append('"');
                break;
            case PyDict dict:
                JsonItems(text, '{', '}', dict.Entries.OrderBy(entry => Operators.ToText(entry.Key.Value), Comparer<string>.Create(Operators.CompareText)).Select(entry => (Action)(() =>
                {
                    Json(text, Operators.ToText(entry.Key.Value), indent, depth + 1);
                    text.Append(": ");
                    Json(text, entry.Value, indent, depth + 1);
                })), indent, depth);
                break;
            case PyList or PyTuple:
                JsonItems(text, '[', ']', Operators.Iterate(value).Select(item => (Action)(() => Json(text, item, indent, depth + 1))), indent, depth);
                break;
            case long or System.Numerics.BigInteger:
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                throw TemplateException.Value($"Object of type {PythonTypes.Name(Operators.Use(value))} is not JSON serializable");
        }
    }

    private static void JsonItems(StringBuilder text, char open, char close, IEnumerable<Action> items, int indent, int depth)
    {
        text.Append(open);
        var any = false;
        foreach (var item in items)
        {
            text.Append(any ? (indent > 0 ? "," : ", ") : "");
            any = true;
            NewLine(text, indent, depth);
            item();
        }

        if (any)
        {
            NewLine(text, indent, depth - 1);
        }

        text.Append(close);
    }

    private static void NewLine(StringBuilder text, int indent, int depth)
    {
        if (indent > 0)
        {
            text.Append('\n').Append(' ', indent * depth);
        }
    }

    /// <summary>Python writes escapes in lower-case hex.</summary>
    private static string ToLowerUnicode(this string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, @"\\u[0-9A-F]{4}", match => match.Value.ToLowerInvariant());

    private static string StripTags(string text)
    {
        var result = new StringBuilder(text.Length);
        var inTag = false;
        foreach (var c in text)
        {
            inTag = c == '<' || (inTag && c != '>');
            if (!inTag && c != '>')
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }
}
