using System.Buffers;
using System.Collections.Immutable;
using System.Net;
using System.Text;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters that make texts. Escaped texts are plain texts: there is nothing to escape for.</summary>
internal static class TextFilters
{
    private static readonly SearchValues<char> NotInNames = SearchValues.Create(" \t\n\r\f/>=");

    public static ImmutableArray<Filter> All { get; } =
    [
        Filter.OfText("upper", LetterCase.Upper),
        Filter.OfText("lower", LetterCase.Lower),
        Filter.OfText("capitalize", LetterCase.Capitalize),
        Filter.OfText("title", Title),
        Filter.Of("trim", ["chars"], static (context, value, bound) => context.Budget.Made(TextSplitting.Strip(context.Text(value), bound.TextOrNone(0, "strip")))),
        Filter.OfText("string", static text => text),
        Filter.OfText("safe", static text => text),
        Filter.Of("escape", Escape),
        Filter.Of("e", Escape),
        Filter.Of("forceescape", Escape),
        Filter.Of("replace", 2, ["old", "new", "count"], static (context, value, bound) => context.Texts.Replace(
            context.Text(value), context.Text(bound[0]), context.Text(bound[1]), bound.Or(2, null) is null ? -1 : bound.Int(2, -1))),
        Filter.OfText("wordcount", static text => (long)Words(text)),
        new("format", Format),
        Filter.Of("urlencode", UrlEncode),
        Filter.Of("tojson", ["indent"], JsonText.Of),
        new("pprint", static (context, value, _) => PythonRepr.Of(value, context.Budget, sortKeys: true), TakesUndefined: true),
        Filter.OfText("striptags", StripTags),
        Filter.Of("xmlattr", ["autospace"], XmlAttributes),
    ];

    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var startsWord = true;
        foreach (var character in CodePoints.Each(text))
        {
            result.Append(startsWord ? LetterCase.Upper(character) : LetterCase.Lower(character));
            startsWord = CodePoints.IsSpace(character[0]) || character[0] is '-' or '(' or '{' or '[' or '<';
        }

        return result.ToString();
    }

    private static object? Escape(FilterContext context, object? value) => Escaped(context, context.Text(value));

    private static string Escaped(FilterContext context, string text)
    {
        context.Budget.AllocateText(text.Length * 5L);
        return text.Replace("&", "&amp;").Replace(">", "&gt;").Replace("<", "&lt;").Replace("'", "&#39;").Replace("\"", "&#34;");
    }

    private static int Words(string text)
    {
        var count = 0;
        var inWord = false;
        foreach (var rune in CodePoints.Runes(text))
        {
            var isWord = rune.Value == '_' || Rune.IsLetterOrDigit(rune);
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }

        return count;
    }

    private static string Format(FilterContext context, object? value, CallArguments arguments)
    {
        if (arguments.Positional.Length > 0 && arguments.Named.Length > 0)
        {
            throw TemplateException.Value("can't handle positional and keyword arguments at the same time");
        }

        if (arguments.Named.IsEmpty)
        {
            return PercentFormat.Apply(context.Text(value), new PyTuple(arguments.Positional), context.Budget);
        }

        var named = new PyDict();
        foreach (var (name, argument) in arguments.Named)
        {
            named.Set(name, argument, context.Budget);
        }

        return PercentFormat.Apply(context.Text(value), named, context.Budget);
    }

    private static object? UrlEncode(FilterContext context, object? value)
    {
        if (value is PyDict or PyList or PyTuple or PyView or PyRange)
        {
            var pairs = value is PyDict dict ? new PyView(dict, PyView.Side.Items) : value;
            return string.Join('&', context.Elements(pairs).Select(pair =>
            {
                var parts = context.Elements(pair);
                return parts.Count == 2
                    ? $"{Quote(context, parts[0])}={Quote(context, parts[1])}"
                    : throw TemplateException.Value(parts.Count > 2
                        ? "too many values to unpack (expected 2)"
                        : $"not enough values to unpack (expected 2, got {parts.Count})");
            }));
        }

        return Encoded(context, value).Replace("%2F", "/");
    }

    private static string Quote(FilterContext context, object? part) => Encoded(context, part).Replace("%20", "+");

    private static string Encoded(FilterContext context, object? value)
    {
        var text = context.Text(value);
        context.Budget.AllocateText(text.Length * 9L);
        return Uri.EscapeDataString(text);
    }

    private static string StripTags(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf('<', at);
            var isComment = open >= 0 && text.AsSpan(open).StartsWith("<!--", StringComparison.Ordinal);
            var close = open < 0 ? -1 : text.IndexOf(isComment ? "-->" : ">", open, StringComparison.Ordinal);
            if (close < 0)
            {
                result.Append(text, at, text.Length - at);
                break;
            }

            result.Append(text, at, open - at);
            at = close + (isComment ? 3 : 1);
        }

        return WebUtility.HtmlDecode(string.Join(' ', result.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    private static object? XmlAttributes(FilterContext context, object? value, Bound bound)
    {
        var dict = value as PyDict ?? throw TemplateException.Value($"'{PythonTypes.Name(value)}' object has no attribute 'items'");
        var attributes = new List<string>();
        foreach (var (key, attribute) in dict.Entries)
        {
            if (attribute is null or Undefined)
            {
                continue;
            }

            var name = context.Text(key.Value);
            if (name.AsSpan().ContainsAny(NotInNames))
            {
                throw TemplateException.Value($"Invalid character in attribute name: {PythonRepr.Of(name, context.Budget)}");
            }

            attributes.Add($"{Escaped(context, name)}=\"{Escaped(context, context.Text(attribute))}\"");
        }

        return attributes.Count == 0 ? "" : (bound.Truth(0, standard: true) ? " " : "") + string.Join(' ', attributes);
    }
}
