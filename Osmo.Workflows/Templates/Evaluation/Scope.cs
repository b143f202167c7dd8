using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Evaluation;

/// <summary>Names that are visible at a place of the template. Assignments stay in the innermost scope.</summary>
internal sealed class Scope(Scope? outer)
{
    private Dictionary<string, object?>? _names;

    public object? this[string name]
    {
        set => (_names ??= new Dictionary<string, object?>(StringComparer.Ordinal))[name] = value;
    }

    public object? Get(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._names is not null && scope._names.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return new Undefined($"'{name}' is undefined");
    }

    private Scope? Outer { get; } = outer;
}
