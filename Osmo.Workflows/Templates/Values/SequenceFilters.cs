using System.Collections.Immutable;
using Osmo.Workflows.Templates.Syntax;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters over sequences and maps. Where Jinja makes a generator, they make a list.</summary>
internal static class SequenceFilters
{
    public static ImmutableArray<Filter> All { get; } =
    [
        Filter.Of("length", static (_, value) => (long)Operators.Length(value)),
        Filter.Of("count", static (_, value) => (long)Operators.Length(value)),
        Filter.Of("first", First),
        Filter.Of("last", Last),
        Filter.Of("list", static (context, value) => new PyList(context.Elements(value))),
        new("items", Items, TakesUndefined: true),
        Filter.Of("reverse", Reverse),
        Filter.Of("join", ["d", "attribute"], Join),
        Filter.Of("sum", ["attribute", "start"], Sum),
        Filter.Of("batch", 1, ["linecount", "fill_with"], Batch),
        Filter.Of("slice", 1, ["slices", "fill_with"], Slice),
    ];

    private static object? First(FilterContext context, object? value)
    {
        foreach (var element in Operators.Iterate(value, context.Budget))
        {
            return element;
        }

        return Undefined.Because("No first item, sequence was empty.");
    }

    private static object? Last(FilterContext context, object? value)
    {
        if (value is not (string or PyList or PyTuple or PyDict or PyView or PyRange))
        {
            throw TemplateException.Value($"'{PythonTypes.Name(value)}' object is not reversible");
        }

        return Operators.Length(value) is var length and > 0
            ? Operators.At(value, length - 1)
            : Undefined.Because("No last item, sequence was empty.");
    }

    private static PyList Items(FilterContext context, object? value, CallArguments arguments)
    {
        arguments.Only("items", 0);
        return value switch
        {
            PyDict dict => new PyList(context.Elements(new PyView(dict, PyView.Side.Items))),
            Undefined => new PyList([]),
            _ => throw TemplateException.Value("Can only get item pairs from a mapping."),
        };
    }

    private static object Reverse(FilterContext context, object? value)
    {
        if (value is string text)
        {
            return Slicing.Apply(text, null, null, -1L, context.Budget);
        }

        var elements = context.Elements(value);
        elements.Reverse();
        return new PyList(elements);
    }

    private static string Join(FilterContext context, object? value, Bound bound)
    {
        var key = context.Key(bound.Or(1, null), foldCase: false);
        var separator = bound.Has(0) ? context.Text(bound[0]) : "";
        var parts = new List<string>();
        var length = 0L;
        foreach (var element in Operators.Iterate(value, context.Budget))
        {
            var part = context.Text(key(element));
            context.Budget.Allocate(8);
            length += part.Length + separator.Length;
            parts.Add(part);
        }

        context.Budget.AllocateText(length);
        return string.Join(separator, parts);
    }

    private static object? Sum(FilterContext context, object? value, Bound bound)
    {
        var key = context.Key(bound.Or(0, null), foldCase: false);
        var sum = bound.Or(1, 0L);
        if (sum is string)
        {
            throw TemplateException.Value("sum() can't sum strings [use ''.join(seq) instead]");
        }

        foreach (var element in Operators.Iterate(value, context.Budget))
        {
            sum = context.Arithmetic.Apply(BinaryOperator.Add, sum, key(element));
        }

        return sum;
    }

    private static PyList Batch(FilterContext context, object? value, Bound bound)
    {
        var size = bound.Int(0, 1);
        var batches = new List<object?>();
        var batch = new List<object?>();
        foreach (var element in Operators.Iterate(value, context.Budget))
        {
            if (batch.Count == size)
            {
                batches.Add(new PyList(batch));
                batch.Clear();
            }

            context.Budget.Allocate(16);
            batch.Add(element);
        }

        if (batch.Count > 0)
        {
            var missing = bound.Or(1, null) is null ? 0 : Math.Max(0, size - batch.Count);
            context.Budget.AllocateItems(missing);
            batches.Add(new PyList([.. batch, .. Enumerable.Repeat(bound.Or(1, null), missing)]));
        }

        return new PyList(batches);
    }

    private static PyList Slice(FilterContext context, object? value, Bound bound)
    {
        var slices = bound.Int(0, 1);
        var elements = context.Elements(value);
        if (slices == 0)
        {
            throw TemplateException.Value("integer division or modulo by zero");
        }

        context.Budget.Allocate(64L * Math.Max(0, slices));
        var result = new List<object?>();
        for (var slice = 0; slice < slices; slice++)
        {
            var (perSlice, extra) = Math.DivRem(elements.Count, slices);
            var start = (slice * perSlice) + Math.Min(slice, extra);
            var part = elements.GetRange(start, perSlice + (slice < extra ? 1 : 0));
            if (bound.Or(1, null) is { } fill && slice >= extra)
            {
                part.Add(fill);
            }

            result.Add(new PyList(part));
        }

        return new PyList(result);
    }
}
