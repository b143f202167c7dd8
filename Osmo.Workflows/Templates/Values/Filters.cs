using System.Collections.Frozen;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary><c>value | name(arguments)</c>: finds the filter and checks how it was called.</summary>
internal sealed class Filters(Budget budget, Attributes attributes)
{
    private static readonly FrozenDictionary<string, Filter> All =
        TextFilters.All.Concat(NumberFilters.All).Concat(SequenceFilters.All).Concat(AttributeFilters.All).ToFrozenDictionary(filter => filter.Name, StringComparer.Ordinal);

    public static bool Exists(string name) => All.ContainsKey(name);

    public object? Apply(string name, object? value, CallArguments arguments)
    {
        if (!All.TryGetValue(name, out var filter))
        {
            throw new TemplateException(TemplateFault.Assertion, $"No filter named '{name}'.");
        }

        budget.Step();
        var call = new FilterContext(budget, attributes, this);
        var result = filter.Apply(call, filter.TakesUndefined ? value : Operators.Use(value), arguments);
        if (result is string text)
        {
            budget.Allocate(2L * text.Length);
        }

        return result;
    }
}

/// <param name="TakesUndefined">The filter looks itself at whether its operand is defined.</param>
internal sealed record Filter(string Name, Func<FilterContext, object?, CallArguments, object?> Apply, bool TakesUndefined = false);

/// <summary>What a filter may use besides its operand and arguments.</summary>
internal sealed record FilterContext(Budget Budget, Attributes Attributes, Filters Filters)
{
    /// <summary>Elements of a sequence, each of which costs a step.</summary>
    public List<object?> Elements(object? value)
    {
        var elements = new List<object?>();
        foreach (var element in Operators.Iterate(value))
        {
            Budget.Step();
            Budget.Allocate(8);
            elements.Add(element);
        }

        return elements;
    }

    /// <summary>An attribute path such as <c>a.b.0</c>, or an index.</summary>
    public object? Path(object? value, object? path)
    {
        if (path is not string text)
        {
            return Attributes.Item(value, path);
        }

        foreach (var part in text.Split('.'))
        {
            value = part.Length > 0 && part.All(char.IsAsciiDigit) ? Attributes.Item(value, long.Parse(part)) : Attributes.Item(value, part);
        }

        return value;
    }
}
