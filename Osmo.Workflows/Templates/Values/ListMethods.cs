using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Methods of lists and tuples.</summary>
internal sealed class ListMethods(Budget budget)
{
    public Function? Get(PyTuple tuple, string name) => name switch
    {
        "count" => Method(name, 1, 1, arguments => Count(tuple, arguments[0])),
        "index" => Method(name, 1, 3, arguments => Find(tuple, arguments)),
        _ => null,
    };

    public Function? Get(PyList list, string name) => name switch
    {
        "append" => Changing(list, name, 1, 1, static (items, arguments) => items.Add(arguments.Raw(0))),
        "extend" => Changing(list, name, 1, 1, (items, arguments) =>
        {
            var added = Snapshot(arguments[0]);
            budget.AllocateItems(added.Count);
            items.AddRange(added);
        }),
        "insert" => Changing(list, name, 2, 2, static (items, arguments) => items.Insert(Within(arguments.Int(0, 0), items.Count), arguments.Raw(1))),
        "remove" => Changing(list, name, 1, 1, (items, arguments) =>
            items.RemoveAt(IndexOf(list, arguments[0], 0, int.MaxValue) ?? throw TemplateException.Value("list.remove(x): x not in list"))),
        "reverse" => Changing(list, name, 0, 0, static (items, _) => items.Reverse()),
        "clear" => Changing(list, name, 0, 0, static (items, _) => items.Clear()),
        "sort" => new Function(name, arguments => Sort(list, arguments)),
        "pop" => Method(name, 0, 1, arguments => Pop(list, arguments.Int(0, -1))),
        "copy" => Method(name, 0, 0, _ => new PyList(Snapshot(list))),
        "index" => Method(name, 1, 3, arguments => Find(list, arguments)),
        "count" => Method(name, 1, 1, arguments => Count(list, arguments[0])),
        _ => null,
    };

    private static Function Method(string name, int required, int most, Func<Bound, object?> body) =>
        new(name, arguments => body(arguments.Only(name, required, most)));

    private Function Changing(PyList list, string name, int required, int most, Action<List<object?>, Bound> body) => new(name, arguments =>
    {
        budget.Steps(1 + (list.Items.Count / 64));
        budget.Allocate(16);
        body(list.Items, arguments.Only(name, required, most));
        return null;
    });

    private List<object?> Snapshot(object? value)
    {
        var items = new List<object?>();
        foreach (var item in Operators.Iterate(value, budget))
        {
            budget.Allocate(8);
            items.Add(item);
        }

        return items;
    }

    private static int Within(int index, int count) => Math.Clamp(index < 0 ? index + count : index, 0, count);

    private int? IndexOf(object sequence, object? wanted, int start, int stop)
    {
        for (var i = start; i < Math.Min(stop, Operators.Length(sequence)); i++)
        {
            if (Operators.AreSame(Operators.At(sequence, i), wanted, budget))
            {
                return i;
            }
        }

        return null;
    }

    private long Find(object sequence, Bound arguments)
    {
        var count = Operators.Length(sequence);
        var index = IndexOf(sequence, arguments[0], Within(arguments.Int(1, 0), count), Within(arguments.Int(2, count), count));
        return index ?? throw TemplateException.Value(
            sequence is PyList ? $"{PythonRepr.Of(arguments[0], budget)} is not in list" : "tuple.index(x): x not in tuple");
    }

    private long Count(object sequence, object? wanted)
    {
        var count = 0L;
        for (var i = 0; i < Operators.Length(sequence); i++)
        {
            count += Operators.AreSame(Operators.At(sequence, i), wanted, budget) ? 1 : 0;
        }

        return count;
    }

    private object? Sort(PyList list, CallArguments arguments)
    {
        if (!arguments.Positional.IsEmpty)
        {
            throw TemplateException.Value("sort() takes no positional arguments");
        }

        var bound = arguments.Bind("sort", 0, "reverse", "key");
        if (bound.Or(1, null) is not null)
        {
            throw TemplateException.Value("sort() by a key function is not supported; use the filter sort(attribute=...)");
        }

        var sorted = Sorting.Sort(list.Items, bound.Truth(0, standard: false), (a, b) => Operators.IsLess(a, b, budget), budget);
        list.Items.Clear();
        list.Items.AddRange(sorted);
        return null;
    }

    private static object? Pop(PyList list, int index)
    {
        index = index < 0 ? index + list.Items.Count : index;
        if (index < 0 || index >= list.Items.Count)
        {
            throw TemplateException.Value(list.Items.Count == 0 ? "pop from empty list" : "pop index out of range");
        }

        var item = list.Items[index];
        list.Items.RemoveAt(index);
        return item;
    }
}
