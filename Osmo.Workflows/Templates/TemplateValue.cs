using System.Collections.Immutable;
using System.Numerics;

namespace Osmo.Workflows.Templates;

/// <summary>A value given to a template: what a YAML map can hold (contract: workflow-spec §3.1).</summary>
public abstract record TemplateValue
{
    private TemplateValue()
    {
    }

    /// <summary>Python's <c>None</c>.</summary>
    public sealed record None : TemplateValue
    {
        public static None Instance { get; } = new();
    }

    /// <summary><c>True</c> or <c>False</c>.</summary>
    public sealed record Bool(bool Value) : TemplateValue;

    /// <summary>An integer of any size.</summary>
    public sealed record Int(BigInteger Value) : TemplateValue;

    /// <summary>A double.</summary>
    public sealed record Float(double Value) : TemplateValue;

    /// <summary>A string.</summary>
    public sealed record Text(string Value) : TemplateValue;

    /// <summary>A list.</summary>
    public sealed record List(ImmutableArray<TemplateValue> Items) : TemplateValue;

    /// <summary>Keys are unique scalars, in the author's order.</summary>
    public sealed record Map(ImmutableArray<KeyValuePair<TemplateValue, TemplateValue>> Entries) : TemplateValue;
}

/// <summary>Variables of a render by name.</summary>
public sealed record TemplateValues(ImmutableDictionary<string, TemplateValue> ByName)
{
    public static TemplateValues Empty { get; } = new(ImmutableDictionary.Create<string, TemplateValue>(StringComparer.Ordinal));

    /// <summary>These variables and one more; a variable of the same name is replaced.</summary>
    public TemplateValues With(string name, TemplateValue value) => new(ByName.SetItem(name, value));
}
