using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>
/// <c>value.name</c> and <c>value[key]</c>. What is not listed here is not there; names that start with an underscore are refused on every value but a map
/// (contract: workflow-spec §4, sandbox).
/// </summary>
internal sealed class Attributes(Budget budget)
{
    private readonly TextMethods _text = new(budget);

    public object? Attribute(object? of, string name)
    {
        var direct = of switch
        {
            Undefined undefined => throw undefined.Error(),
            LoopContext loop when !name.StartsWith('_') => loop.Attribute(name),
            Namespace space => space.Attributes.TryGetValue(name, out var value) ? value : Missing(of, name),
            Function function when function.Attributes.TryGetValue(name, out var value) => value,
            _ => Method(of, name),
        };
        if (direct is not null || of is LoopContext or Namespace)
        {
            return direct;
        }

        if (of is Function known && known.Attributes.ContainsKey(name))
        {
            return null;
        }

        return of is PyDict dict && dict.TryGet(name, out var item) ? item : Missing(of, name);
    }

    public object? Item(object? of, object? key)
    {
        switch (of)
        {
            case Undefined undefined:
                throw undefined.Error();
            case PyDict dict:
                return dict.TryGet(key, out var value) ? value : key is string name && Method(of, name) is { } method ? method : MissingItem(of, key);
            case PyList or PyTuple or string or PyRange when Number.IsInteger(key):
                var length = Operators.Length(of);
                var index = Number.Int(key);
                index = index < 0 ? index + length : index;
                return index >= 0 && index < length ? At(of, index) : new Undefined($"{PythonTypes.Name(of)} object has no element {Operators.Repr(key)}");
            default:
                return key is string attribute ? Attribute(of, attribute) : MissingItem(of, key);
        }
    }

    private static object? At(object of, int index) => of switch
    {
        PyList list => list.Items[index],
        PyTuple tuple => tuple.Items[index],
        PyRange range => range[index],
        _ => ((string)of).EnumerateRunes().ElementAt(index).ToString(),
    };

    private static Undefined Missing(object? of, string name) => name.StartsWith('_') && of is not PyDict
        ? throw TemplateException.Security($"access to attribute '{name}' of '{PythonTypes.Name(of)}' object is unsafe.")
        : new Undefined($"'{PythonTypes.Name(of)} object' has no attribute '{name}'");

    private static Undefined MissingItem(object? of, object? key) => new($"'{PythonTypes.Name(of)} object' has no attribute {Operators.Repr(key)}");

    private Function? Method(object? of, string name) => of switch
    {
        string text => _text.Get(text, name),
        PyDict dict => DictMethods.Get(dict, name, budget),
        PyList list => ListMethods.Get(list, name, budget),
        PyTuple tuple when name is "count" or "index" => ListMethods.Get(new PyList(tuple.Items), name, budget),
        _ => null,
    };
}
