using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Filters that look at each element: its attributes, or a test or filter by name. Where Jinja makes a generator, they make a list.</summary>
internal static class AttributeFilters
{
    public static ImmutableArray<Filter> All { get; } =
    [
        Filter.Of("attr", 1, ["name"], static (context, value, bound) => context.Attributes.AttributeOnly(value, context.Text(bound[0]))),
        new("map", Map),
        new("select", static (context, value, arguments) => Select(context, value, arguments, keep: true)),
        new("reject", static (context, value, arguments) => Select(context, value, arguments, keep: false)),
        new("selectattr", static (context, value, arguments) => SelectAttribute(context, value, arguments, keep: true)),
        new("rejectattr", static (context, value, arguments) => SelectAttribute(context, value, arguments, keep: false)),
    ];

    private static PyList Map(FilterContext context, object? value, CallArguments arguments)
    {
        if (!Operators.IsTrue(value))
        {
            return new PyList([]);
        }

        if (arguments.Positional.IsEmpty)
        {
            var bound = arguments.Bind("map", 0, "attribute", "default");
            return bound.Has(0)
                ? new PyList(context.Elements(value).Select(context.Key(bound[0], foldCase: false, bound.Raw(1))))
                : throw TemplateException.Value("map requires a filter argument");
        }

        var name = context.Text(arguments.Positional[0]);
        var rest = arguments with { Positional = arguments.Positional[1..] };
        return new PyList(context.Elements(value).Select(element => context.Filters.Apply(name, element, rest)));
    }

    private static PyList Select(FilterContext context, object? value, CallArguments arguments, bool keep)
    {
        var test = Test(context, arguments);
        return Filtered(context, value, test, keep);
    }

    private static PyList SelectAttribute(FilterContext context, object? value, CallArguments arguments, bool keep)
    {
        if (arguments.Positional.IsEmpty)
        {
            throw TemplateException.Value("Missing parameter for attribute name");
        }

        var key = context.Key(arguments.Positional[0], foldCase: false);
        var test = Test(context, arguments with { Positional = arguments.Positional[1..] });
        return Filtered(context, value, element => test(key(element)), keep);
    }

    private static PyList Filtered(FilterContext context, object? value, Func<object?, bool> test, bool keep) =>
        new(Operators.IsTrue(value) ? context.Elements(value).Where(element => test(element) == keep) : []);

    private static Func<object?, bool> Test(FilterContext context, CallArguments arguments)
    {
        if (arguments.Positional.IsEmpty)
        {
            return Operators.IsTrue;
        }

        var name = context.Text(arguments.Positional[0]);
        var rest = arguments with { Positional = arguments.Positional[1..] };
        return value => Tests.Apply(name, value, rest, context.Budget);
    }
}
