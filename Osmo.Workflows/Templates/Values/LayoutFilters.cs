using System.Collections.Immutable;
using System.Text;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters that lay out a text: its width, its lines, their indentation.</summary>
internal static class LayoutFilters
{
    public static ImmutableArray<Filter> All { get; } =
    [
        Filter.Of("center", ["width"], static (context, value, bound) => context.Texts.Center(context.Text(value), bound.Int(0, 80))),
        Filter.Of("indent", ["width", "first", "blank"], Indent),
        Filter.Of("truncate", ["length", "killwords", "end", "leeway"], Truncate),
        Filter.Of("wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"], WordWrap),
    ];

    private static object? Indent(FilterContext context, object? value, Bound bound)
    {
        var text = TextOf(value);
        var width = bound.Or(0, 4L);
        var length = width is string given ? given.Length : Math.Max(0, Number.Index(width));
        var lines = TextSplitting.Lines(text + "\n", keepEnds: false, context.Budget);
        context.Budget.AllocateText(text.Length + ((long)length * (lines.Count + 1)));
        var indentation = width as string ?? new string(' ', length);
        var first = bound.Truth(1, standard: false);
        var blank = bound.Truth(2, standard: false);
        var result = new StringBuilder(first ? indentation : "").Append(lines[0]);
        foreach (var line in lines.Skip(1))
        {
            result.Append('\n').Append(blank || line.Length > 0 ? indentation : "").Append(line);
        }

        return result.ToString();
    }

    private static object? Truncate(FilterContext context, object? value, Bound bound)
    {
        var length = bound.Int(0, 255);
        var end = bound.Text(2, "truncate", "...");
        var leeway = bound.Or(3, null) is null ? 5 : bound.Int(3, 5);
        var endLength = CodePoints.Count(end);
        if (length < endLength || leeway < 0)
        {
            throw TemplateException.Value(leeway < 0 ? $"expected leeway >= 0, got {leeway}" : $"expected length >= {endLength}, got {length}");
        }

        if (Operators.Length(value) <= (long)length + leeway)
        {
            return value;
        }

        var text = TextOf(value);

        context.Budget.AllocateText(text.Length);
        var cut = CodePoints.Take(text, length - endLength);
        return (bound.Truth(1, standard: false) || cut.LastIndexOf(' ') < 0 ? cut : cut[..cut.LastIndexOf(' ')]) + end;
    }

    private static object? WordWrap(FilterContext context, object? value, Bound bound)
    {
        var wrap = new TextWrap(bound.Int(0, 79), bound.Truth(1, standard: true), bound.Truth(3, standard: true), context.Budget);
        var separator = bound.TextOrNone(2, "wordwrap") ?? "\n";
        var lines = TextSplitting.Lines(TextOf(value), keepEnds: false, context.Budget).Select(line => wrap.Wrap(line)).ToList();
        context.Budget.AllocateText(lines.Sum(line => line.Sum(part => (long)part.Length + separator.Length) + separator.Length));
        return string.Join(separator, lines.Select(line => string.Join(separator, line)));
    }

    private static string TextOf(object? value) =>
        Operators.Defined(value) as string ?? throw TemplateException.Value($"expected a text, not {PythonTypes.Name(value)}");
}
