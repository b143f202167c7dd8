using System.Collections.Immutable;
using Osmo.Workflows.Templates.Syntax;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters that compare elements with each other. Texts compare without case unless asked for.</summary>
internal static class OrderFilters
{
    public static ImmutableArray<Filter> All { get; } =
    [
        Filter.Of("sort", ["reverse", "case_sensitive", "attribute"], Sort),
        Filter.Of("dictsort", ["case_sensitive", "by", "reverse"], DictSort),
        Filter.Of("unique", ["case_sensitive", "attribute"], Unique),
        Filter.Of("min", ["case_sensitive", "attribute"], static (context, value, bound) => Extreme(context, value, bound, ComparisonOperator.Less)),
        Filter.Of("max", ["case_sensitive", "attribute"], static (context, value, bound) => Extreme(context, value, bound, ComparisonOperator.Greater)),
        Filter.Of("groupby", 1, ["attribute", "default", "case_sensitive"], GroupBy),
    ];

    private static PyList Sort(FilterContext context, object? value, Bound bound)
    {
        var foldCase = !bound.Truth(1, standard: false);
        object?[] attributes = bound.Or(2, null) is string several ? [.. several.Split(',')] : [bound.Or(2, null)];
        var keys = attributes.Select(attribute => context.Key(attribute, foldCase)).ToArray();
        var keyed = context.Elements(value).Select(element => (Element: element, Keys: Array.ConvertAll(keys, key => key(element)))).ToArray();
        context.Budget.Allocate(64L * keyed.Length);
        var sorted = Sorting.Sort(keyed, bound.Truth(0, standard: false), (a, b) => IsLess(context, a.Keys, b.Keys), context.Budget);
        return new PyList(sorted.Select(pair => pair.Element));
    }

    /// <summary>Keys compare as lists do: equal ones need no order.</summary>
    private static bool IsLess(FilterContext context, object?[] a, object?[] b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (!Operators.AreSame(a[i], b[i], context.Budget))
            {
                return Operators.IsLess(a[i], b[i], context.Budget);
            }
        }

        return false;
    }

    private static PyList DictSort(FilterContext context, object? value, Bound bound)
    {
        var key = context.Key(null, foldCase: !bound.Truth(0, standard: false));
        var by = bound.Has(1) ? bound[1] as string : "key";
        if (by is not ("key" or "value"))
        {
            throw TemplateException.Value("You can only sort by either \"key\" or \"value\"");
        }

        if (value is not PyDict dict)
        {
            throw TemplateException.Value($"'{PythonTypes.Name(value)}' object has no attribute 'items'");
        }

        var pairs = context.Elements(new PyView(dict, PyView.Side.Items)).Select(pair => (Pair: pair, Key: key(((PyTuple)pair!).Items[by == "key" ? 0 : 1])));
        var sorted = Sorting.Sort(
            pairs.ToArray(), bound.Truth(2, standard: false), (a, b) => Operators.IsLess(a.Key, b.Key, context.Budget), context.Budget);
        return new PyList(sorted.Select(pair => pair.Pair));
    }

    private static PyList Unique(FilterContext context, object? value, Bound bound)
    {
        var key = context.Key(bound.Or(1, null), foldCase: !bound.Truth(0, standard: false));
        var seen = new HashSet<PyKey>();
        return new PyList(context.Elements(value).Where(element => seen.Add(PyKey.Of(key(element)))));
    }

    private static object? Extreme(FilterContext context, object? value, Bound bound, ComparisonOperator better)
    {
        var key = context.Key(bound.Or(1, null), foldCase: !bound.Truth(0, standard: false));
        object? best = Undefined.Because("No aggregated item, sequence was empty.");
        object? bestKey = null;
        var isFirst = true;
        foreach (var element in Operators.Iterate(value, context.Budget))
        {
            var elementKey = key(element);
            if (isFirst || Operators.Holds(better, elementKey, bestKey, context.Budget))
            {
                (best, bestKey, isFirst) = (element, elementKey, false);
            }
        }

        return best;
    }

    private static PyList GroupBy(FilterContext context, object? value, Bound bound)
    {
        var foldCase = !bound.Truth(2, standard: false);
        var key = context.Key(bound[0], foldCase, bound.Raw(1));
        var shown = context.Key(bound[0], foldCase: false, bound.Raw(1));
        var keyed = context.Elements(value).Select(element => (Element: element, Key: key(element))).ToArray();
        var groups = new List<object?>();
        List<object?> group = [];
        object? current = null;
        foreach (var (element, elementKey) in Sorting.Sort(
            keyed, reverse: false, (a, b) => Operators.IsLess(a.Key, b.Key, context.Budget), context.Budget))
        {
            if (group.Count > 0 && !Operators.AreEqual(current, elementKey, context.Budget))
            {
                groups.Add(Group(group, foldCase ? shown(group[0]) : current));
                group = [];
            }

            current = group.Count > 0 ? current : elementKey;
            group.Add(element);
        }

        if (group.Count > 0)
        {
            groups.Add(Group(group, foldCase ? shown(group[0]) : current));
        }

        return new PyList(groups);
    }

    private static PyTuple Group(List<object?> elements, object? key) => new([key, new PyList(elements)], ["grouper", "list"]);
}
