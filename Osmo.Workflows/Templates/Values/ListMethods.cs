using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Methods of a list.</summary>
internal static class ListMethods
{
    public static Function? Get(PyList list, string name, Budget budget) => name switch
    {
        "append" => Changing(name, budget, 8, arguments => list.Items.Add(arguments.Bind(name, 1, "object").Raw(0))),
        "extend" => Changing(name, budget, 0, arguments =>
        {
            var items = Operators.Iterate(arguments.Bind(name, 1, "iterable")[0]).ToList();
            budget.Allocate(8L * items.Count);
            list.Items.AddRange(items);
        }),
        "insert" => Changing(name, budget, 8, arguments =>
        {
            var bound = arguments.Bind(name, 2, "index", "object");
            var index = bound.Int(0, 0);
            list.Items.Insert(Math.Clamp(index < 0 ? index + list.Items.Count : index, 0, list.Items.Count), bound.Raw(1));
        }),
        "remove" => Changing(name, budget, 0, arguments => list.Items.RemoveAt(Index(list, arguments.Bind(name, 1, "value")[0]))),
        "reverse" => Changing(name, budget, 0, _ => list.Items.Reverse()),
        "clear" => Changing(name, budget, 0, _ => list.Items.Clear()),
        "sort" => Changing(name, budget, 0, arguments =>
        {
            var sorted = list.Items.Order(Comparer<object?>.Create((a, b) => Operators.Compare(a, b, "<"))).ToList();
            if (arguments.Bind(name, 0, "reverse").Truth(0, standard: false))
            {
                sorted.Reverse();
            }

            list.Items.Clear();
            list.Items.AddRange(sorted);
        }),
        "pop" => new Function(name, arguments => Pop(list, arguments.Bind(name, 0, "index").Int(0, -1))),
        "copy" => new Function(name, _ => new PyList(list.Items)),
        "index" => new Function(name, arguments => (long)Index(list, arguments.Bind(name, 1, "value")[0])),
        "count" => new Function(name, arguments =>
        {
            var wanted = arguments.Bind(name, 1, "value")[0];
            return (long)list.Items.Count(item => Operators.AreEqual(item, wanted));
        }),
        _ => null,
    };

    private static Function Changing(string name, Budget budget, int bytes, Action<CallArguments> body) => new(name, arguments =>
    {
        budget.Allocate(bytes);
        body(arguments);
        return null;
    });

    private static int Index(PyList list, object? wanted)
    {
        var index = list.Items.FindIndex(item => Operators.AreEqual(item, wanted));
        return index >= 0 ? index : throw TemplateException.Value($"{Operators.Repr(wanted)} is not in list");
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
