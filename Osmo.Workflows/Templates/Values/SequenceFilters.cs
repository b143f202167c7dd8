using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters over sequences and maps.</summary>
internal static class SequenceFilters
{
    public static ImmutableArray<Filter> All { get; } =
    [
        new("length", static (_, value, _) => (long)Operators.Length(value)),
        new("count", static (_, value, _) => (long)Operators.Length(value)),
        new("first", static (_, value, _) => Operators.Iterate(value).Cast<object?>().DefaultIfEmpty(new Undefined("No first item, sequence was empty.")).First()),
        new("last", static (context, value, _) => context.Elements(value) is [.., var last] ? last : new Undefined("No last item, sequence was empty.")),
        new("list", static (context, value, _) => new PyList(context.Elements(value))),
        new("items", static (_, value, _) => value switch
        {
            PyDict dict => new PyList(dict.Entries.Select(object? (entry) => new PyTuple([entry.Key.Value, entry.Value]))),
            Undefined => new PyList([]),
            _ => throw TemplateException.Value("Can only get item pairs from a mapping."),
        }, TakesUndefined: true),
        new("reverse", static (context, value, _) =>
        {
            var elements = context.Elements(value);
            elements.Reverse();
            return value is string ? string.Concat(elements) : new PyList(elements);
        }),
        new("join", Join),
        new("sort", Sort),
        new("dictsort", DictSort),
        new("unique", Unique),
        new("min", static (context, value, arguments) => Extreme(context, value, arguments, "min", -1)),
        new("max", static (context, value, arguments) => Extreme(context, value, arguments, "max", 1)),
        new("sum", Sum),
        new("batch", Batch),
        new("slice", Slice),
    ];

    /// <summary>A comparison key: texts compare without case unless asked for.</summary>
    private static object? Key(object? value, bool caseSensitive) => !caseSensitive && value is string text ? text.ToLowerInvariant() : Operators.Use(value);

    private static string Join(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("join", 0, "d", "attribute");
        var elements = context.Elements(value).Select(element => Operators.ToText(bound.Has(1) ? context.Path(element, bound[1]) : element)).ToList();
        var separator = bound.Text(0, "");
        context.Budget.Allocate(2L * (elements.Sum(element => (long)element.Length) + ((long)separator.Length * elements.Count)));
        return string.Join(separator, elements);
    }

    private static PyList Sort(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("sort", 0, "reverse", "case_sensitive", "attribute");
        var reverse = bound.Truth(0, standard: false);
        var caseSensitive = bound.Truth(1, standard: false);
        var paths = bound.Or(2, null) switch
        {
            null => (object?[])[],
            string text => text.Split(','),
            var path => [path],
        };

        List<object?> KeyOf(object? element) => paths.Length == 0 ? [Key(element, caseSensitive)] : [.. paths.Select(path => Key(context.Path(element, path), caseSensitive))];
        var keyed = context.Elements(value).Select(element => (Element: element, Keys: KeyOf(element))).ToList();
        var order = Comparer<List<object?>>.Create((a, b) =>
        {
            context.Budget.Step();
            return a.Zip(b).Select(pair => Operators.Compare(pair.First, pair.Second, "<")).FirstOrDefault(result => result != 0);
        });
        return new PyList((reverse ? keyed.OrderByDescending(pair => pair.Keys, order) : keyed.OrderBy(pair => pair.Keys, order)).Select(pair => pair.Element));
    }

    private static PyList DictSort(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("dictsort", 0, "case_sensitive", "by", "reverse");
        var caseSensitive = bound.Truth(0, standard: false);
        var by = bound.Text(1, "key");
        if (value is not PyDict dict || by is not ("key" or "value"))
        {
            throw TemplateException.Value(value is PyDict ? "You can only sort by either \"key\" or \"value\"" : $"'{PythonTypes.Name(value)}' object has no attribute 'items'");
        }

        var order = Comparer<object?>.Create((a, b) => Operators.Compare(a, b, "<"));
        var sorted = dict.Entries.Select(entry => new PyTuple([entry.Key.Value, entry.Value])).OrderBy(pair => Key(pair.Items[by == "key" ? 0 : 1], caseSensitive), order).ToList();
        if (bound.Truth(2, standard: false))
        {
            sorted.Reverse();
        }

        return new PyList(sorted);
    }

    private static PyList Unique(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("unique", 0, "case_sensitive", "attribute");
        var caseSensitive = bound.Truth(0, standard: false);
        var seen = new HashSet<PyKey>();
        return new PyList(context.Elements(value).Where(element => seen.Add(new PyKey(Key(bound.Has(1) ? context.Path(element, bound[1]) : element, caseSensitive)))));
    }

    private static object? Extreme(FilterContext context, object? value, CallArguments arguments, string name, int sign)
    {
        var bound = arguments.Bind(name, 0, "case_sensitive", "attribute");
        var caseSensitive = bound.Truth(0, standard: false);
        object? best = new Undefined("No aggregated item, sequence was empty.");
        object? bestKey = null;
        foreach (var element in context.Elements(value))
        {
            var key = Key(bound.Has(1) ? context.Path(element, bound[1]) : element, caseSensitive);
            if (best is Undefined || sign * Operators.Compare(key, bestKey, sign < 0 ? "<" : ">") > 0)
            {
                (best, bestKey) = (element, key);
            }
        }

        return best;
    }

    private static object? Sum(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("sum", 0, "attribute", "start");
        var sum = bound.Or(1, 0L);
        foreach (var element in context.Elements(value))
        {
            var term = Operators.Use(bound.Or(0, null) is { } path ? context.Path(element, path) : element);
            sum = (sum, term) switch
            {
                _ when Number.IsNumber(sum) && Number.IsNumber(term) => Number.Apply("+", sum!, term!),
                (PyList a, PyList b) => new PyList([.. a.Items, .. b.Items]),
                _ => throw TemplateException.Value($"unsupported operand type(s) for +: '{PythonTypes.Name(sum)}' and '{PythonTypes.Name(term)}'"),
            };
        }

        return sum;
    }

    private static PyList Batch(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("batch", 1, "linecount", "fill_with");
        var size = Math.Max(1, bound.Int(0, 1));
        return new PyList(context.Elements(value).Chunk(size).Select(object? (chunk) =>
        {
            var missing = bound.Or(1, null) is null ? 0 : size - chunk.Length;
            context.Budget.Allocate(8L * (chunk.Length + missing));
            return new PyList([.. chunk, .. Enumerable.Repeat(bound.Or(1, null), missing)]);
        }));
    }

    private static PyList Slice(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("slice", 1, "slices", "fill_with");
        var slices = bound.Int(0, 1);
        if (slices < 1)
        {
            throw TemplateException.Value("integer division or modulo by zero");
        }

        context.Budget.Allocate(32L * slices);
        var elements = context.Elements(value);
        var (perSlice, extra) = Math.DivRem(elements.Count, slices);
        var result = new List<object?>();
        var at = 0;
        for (var slice = 0; slice < slices; slice++)
        {
            var length = perSlice + (slice < extra ? 1 : 0);
            var part = elements.GetRange(at, length);
            at += length;
            if (bound.Or(1, null) is { } fill && slice >= extra && extra > 0)
            {
                part.Add(fill);
            }

            result.Add(new PyList(part));
        }

        return new PyList(result);
    }
}
