using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Methods of a map.</summary>
internal sealed class DictMethods(Budget budget)
{
    public Function? Get(PyDict dict, string name) => name switch
    {
        "items" => View(dict, name, PyView.Side.Items),
        "keys" => View(dict, name, PyView.Side.Keys),
        "values" => View(dict, name, PyView.Side.Values),
        "copy" => Method(name, 0, 0, _ => dict.Copy(budget)),
        "get" => Method(name, 1, 2, arguments => dict.TryGet(arguments[0], out var value) ? value : arguments.Has(1) ? arguments.Raw(1) : null),
        "setdefault" => Method(name, 1, 2, arguments => SetDefault(dict, arguments)),
        "pop" => Method(name, 1, 2, arguments => Pop(dict, arguments)),
        "popitem" => Method(name, 0, 0, _ => PopItem(dict)),
        "update" => new Function(name, arguments => Update(dict, arguments)),
        "clear" => Method(name, 0, 0, _ => Clear(dict)),
        "fromkeys" => Method(name, 1, 2, arguments => FromKeys(arguments)),
        _ => null,
    };

    /// <summary>Adds what <c>dict(...)</c> would hold.</summary>
    public object? Update(PyDict dict, CallArguments arguments)
    {
        if (arguments.Positional.Length > 1)
        {
            throw TemplateException.Value($"dict expected at most 1 argument, got {arguments.Positional.Length}");
        }

        foreach (var source in arguments.Positional)
        {
            Add(dict, Operators.Use(source));
        }

        foreach (var (name, value) in arguments.Named)
        {
            dict.Set(name, value, budget);
        }

        return null;
    }

    private static Function Method(string name, int required, int most, Func<Bound, object?> body) =>
        new(name, arguments => body(arguments.Only(name, required, most)));

    private static Function View(PyDict dict, string name, PyView.Side side) => Method(name, 0, 0, _ => new PyView(dict, side));

    private void Add(PyDict dict, object? source)
    {
        if (source is PyDict other)
        {
            foreach (var (key, value) in other.Copy(budget).Entries)
            {
                dict.Set(key.Value, value, budget);
            }

            return;
        }

        var index = 0;
        foreach (var pair in Operators.Iterate(source, budget))
        {
            if (Operators.TryLength(pair) is not { } length)
            {
                throw TemplateException.Value($"cannot convert dictionary update sequence element #{index} to a sequence");
            }

            if (length != 2)
            {
                throw TemplateException.Value($"dictionary update sequence element #{index} has length {length}; 2 is required");
            }

            var parts = Operators.Iterate(pair, budget).ToList();
            dict.Set(parts[0], parts[1], budget);
            index++;
        }
    }

    private object? SetDefault(PyDict dict, Bound arguments)
    {
        if (!dict.TryGet(arguments[0], out var value))
        {
            dict.Set(arguments[0], value = arguments.Raw(1), budget);
        }

        return value;
    }

    private object? Pop(PyDict dict, Bound arguments) => dict.Entries.Remove(PyKey.Of(arguments[0]), out var value)
        ? value
        : arguments.Has(1) ? arguments.Raw(1) : throw TemplateException.Value(PythonRepr.Of(arguments[0], budget));

    private static PyTuple PopItem(PyDict dict)
    {
        if (dict.Entries.Count == 0)
        {
            throw TemplateException.Value("popitem(): dictionary is empty");
        }

        var (key, value) = dict.Entries.GetAt(dict.Entries.Count - 1);
        dict.Entries.RemoveAt(dict.Entries.Count - 1);
        return new PyTuple([key.Value, value]);
    }

    private static object? Clear(PyDict dict)
    {
        dict.Entries.Clear();
        return null;
    }

    private PyDict FromKeys(Bound arguments)
    {
        var dict = new PyDict();
        foreach (var key in Operators.Iterate(arguments[0], budget))
        {
            dict.Set(key, arguments.Has(1) ? arguments.Raw(1) : null, budget);
        }

        return dict;
    }
}
