using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Methods of a map.</summary>
internal static class DictMethods
{
    public static Function? Get(PyDict dict, string name, Budget budget) => name switch
    {
        "items" => new Function(name, _ => new PyList(dict.Entries.Select(object? (entry) => new PyTuple([entry.Key.Value, entry.Value])))),
        "keys" => new Function(name, _ => new PyList(dict.Entries.Keys.Select(key => key.Value))),
        "values" => new Function(name, _ => new PyList(dict.Entries.Values)),
        "copy" => new Function(name, _ => new PyDict(dict.Entries.Select(entry => KeyValuePair.Create(entry.Key.Value, entry.Value)))),
        "get" => new Function(name, arguments =>
        {
            var bound = arguments.Bind(name, 1, "key", "default");
            return dict.TryGet(bound[0], out var value) ? value : bound.Raw(1);
        }),
        "setdefault" => new Function(name, arguments =>
        {
            var bound = arguments.Bind(name, 1, "key", "default");
            if (!dict.TryGet(bound[0], out var value))
            {
                budget.Allocate(32);
                dict.Set(bound[0], value = bound.Raw(1));
            }

            return value;
        }),
        "pop" => new Function(name, arguments =>
        {
            var bound = arguments.Bind(name, 1, "key", "default");
            return dict.Entries.Remove(new PyKey(bound[0]), out var value)
                ? value
                : bound.Has(1) ? bound.Raw(1) : throw TemplateException.Value($"KeyError: {Operators.Repr(bound[0])}");
        }),
        "update" => new Function(name, arguments => Update(dict, arguments, budget)),
        "clear" => new Function(name, _ =>
        {
            dict.Entries.Clear();
            return null;
        }),
        _ => null,
    };

    private static object? Update(PyDict dict, CallArguments arguments, Budget budget)
    {
        var other = arguments.Positional.IsEmpty ? new PyDict([]) : Globals.Dict(arguments with { Named = [] });
        foreach (var (key, value) in other.Entries)
        {
            budget.Allocate(32);
            dict.Set(key.Value, value);
        }

        foreach (var (key, value) in arguments.Named)
        {
            budget.Allocate(32);
            dict.Set(key, value);
        }

        return null;
    }
}
