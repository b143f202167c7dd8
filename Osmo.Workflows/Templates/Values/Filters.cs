using System.Collections.Frozen;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary><c>value | name(arguments)</c>: finds the filter and checks how it was called.</summary>
internal sealed class Filters
{
    private static readonly FrozenDictionary<string, Filter> All = TextFilters.All.Concat(LayoutFilters.All).Concat(NumberFilters.All)
        .Concat(SequenceFilters.All).Concat(OrderFilters.All).Concat(AttributeFilters.All)
        .ToFrozenDictionary(filter => filter.Name, StringComparer.Ordinal);

    private readonly FilterContext _context;

    public Filters(Budget budget, Attributes attributes) =>
        _context = new FilterContext(budget, attributes, this, new TextMethods(budget), new Arithmetic(budget));

    public static bool Exists(string name) => All.ContainsKey(name);

    public object? Apply(string name, object? value, CallArguments arguments)
    {
        if (!All.TryGetValue(name, out var filter))
        {
            throw new TemplateException(TemplateFault.Assertion, $"No filter named '{name}'.");
        }

        _context.Budget.Step();
        return filter.Apply(_context, filter.TakesUndefined ? value : Operators.Use(value), arguments);
    }
}

/// <param name="TakesUndefined">The filter looks itself at whether its operand is defined.</param>
internal sealed record Filter(string Name, Func<FilterContext, object?, CallArguments, object?> Apply, bool TakesUndefined = false)
{
    /// <summary>A filter with parameters that may all be left out.</summary>
    public static Filter Of(string name, string[] parameters, Func<FilterContext, object?, Bound, object?> body) => Of(name, 0, parameters, body);

    public static Filter Of(string name, int required, string[] parameters, Func<FilterContext, object?, Bound, object?> body) =>
        new(name, (context, value, arguments) => body(context, value, arguments.Bind(name, required, parameters)));

    /// <summary>A filter without parameters.</summary>
    public static Filter Of(string name, Func<FilterContext, object?, object?> body) => Of(name, 0, [], (context, value, _) => body(context, value));

    /// <summary>A filter that makes a text of the text of its operand.</summary>
    public static Filter OfText(string name, Func<string, object?> body) => Of(name, (context, value) =>
    {
        var text = context.Text(value);
        context.Budget.AllocateText(2L * text.Length);
        return body(text);
    });
}

/// <summary>What a filter may use besides its operand and arguments.</summary>
internal sealed record FilterContext(Budget Budget, Attributes Attributes, Filters Filters, TextMethods Texts, Arithmetic Arithmetic)
{
    public string Text(object? value) => PythonRepr.Text(value, Budget);

    /// <summary>Elements of a sequence, as they are now.</summary>
    public List<object?> Elements(object? value)
    {
        var elements = new List<object?>(Operators.TryLength(value) is { } length and < 1024 ? length : 0);
        foreach (var element in Operators.Iterate(value, Budget))
        {
            Budget.Allocate(8);
            elements.Add(element);
        }

        return elements;
    }

    /// <summary>What each element is looked at by.</summary>
    /// <param name="attribute">A path such as <c>a.b.0</c>, an index, or null for the element itself.</param>
    /// <param name="foldCase">Texts are taken in lower case.</param>
    /// <param name="standard">Takes the place of what is not there; none when null.</param>
    public Func<object?, object?> Key(object? attribute, bool foldCase, object? standard = null)
    {
        object?[] path = attribute switch
        {
            null => [],
            string text => [.. text.Split('.').Select(PathPart)],
            _ => [attribute],
        };
        return element =>
        {
            foreach (var part in path)
            {
                element = Attributes.Item(element, part);
                element = element is Undefined && standard is not null ? standard : element;
            }

            return foldCase && element is string text ? Budget.Made(LetterCase.Lower(text)) : element;
        };
    }

    private static object PathPart(string part) => part.Length > 0 && part.All(char.IsAsciiDigit) && long.TryParse(part, out var index) ? index : part;
}
