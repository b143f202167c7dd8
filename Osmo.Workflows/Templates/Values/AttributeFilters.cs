using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters that look at each element: its attributes, or a test or filter by name.</summary>
internal static class AttributeFilters
{
    public static ImmutableArray<Filter> All { get; } =
    [
        new("attr", static (context, value, arguments) =>
            context.Attributes.Attribute(value, Operators.ToText(arguments.Bind("attr", 1, "name")[0]))),
        new("map", Map),
        new("select", static (context, value, arguments) => Select(context, value, arguments, keep: true)),
        new("reject", static (context, value, arguments) => Select(context, value, arguments, keep: false)),
        new("selectattr", static (context, value, arguments) => SelectAttribute(context, value, arguments, keep: true)),
        new("rejectattr", static (context, value, arguments) => SelectAttribute(context, value, arguments, keep: false)),
        new("groupby", GroupBy),
    ];

    private static PyList Map(FilterContext context, object? value, CallArguments arguments)
    {
        var elements = context.Elements(value);
        if (arguments.Positional.IsEmpty)
        {
            var bound = arguments.Bind("map", 0, "attribute", "default");
            if (!bound.Has(0))
            {
                throw TemplateException.Value("map requires a filter argument");
            }

            return new PyList(elements.Select(element =>
                context.Path(element, bound[0]) is var found && found is Undefined && bound.Has(1) ? bound.Raw(1) : found));
        }

        var name = Operators.ToText(arguments.Positional[0]);
        var rest = arguments with { Positional = arguments.Positional[1..] };
        return new PyList(elements.Select(element => context.Filters.Apply(name, element, rest)));
    }

    private static PyList Select(FilterContext context, object? value, CallArguments arguments, bool keep)
    {
        var test = Test(arguments);
        return new PyList(context.Elements(value).Where(element => test(element) == keep));
    }

    private static PyList SelectAttribute(FilterContext context, object? value, CallArguments arguments, bool keep)
    {
        if (arguments.Positional.IsEmpty)
        {
            throw TemplateException.Value("Missing parameter for attribute name");
        }

        var test = Test(arguments with { Positional = arguments.Positional[1..] });
        return new PyList(context.Elements(value).Where(element => test(context.Path(element, arguments.Positional[0])) == keep));
    }

    private static Func<object?, bool> Test(CallArguments arguments)
    {
        if (arguments.Positional.IsEmpty)
        {
            return Operators.IsTrue;
        }

        var name = Operators.ToText(arguments.Positional[0]);
        var rest = arguments with { Positional = arguments.Positional[1..] };
        return value => Tests.Apply(name, value, rest);
    }

    private static PyList GroupBy(FilterContext context, object? value, CallArguments arguments)
    {
        var bound = arguments.Bind("groupby", 1, "attribute", "default", "case_sensitive");
        var caseSensitive = bound.Truth(2, standard: false);
        object? KeyOf(object? element) => context.Path(element, bound[0]) is var found && found is Undefined && bound.Has(1) ? bound.Raw(1) : Operators.Use(found);
        object? Folded(object? key) => !caseSensitive && key is string text ? text.ToLowerInvariant() : key;
        var groups = context.Elements(value).GroupBy(element => new PyKey(Folded(KeyOf(element))))
            .OrderBy(group => group.Key.Value, Comparer<object?>.Create((a, b) => Operators.Compare(a, b, "<")));
        return new PyList(groups.Select(object? (group) => new PyTuple([KeyOf(group.First()), new PyList(group)])));
    }
}
