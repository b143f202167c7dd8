using Osmo.Workflows.Templates.Evaluation;
using Osmo.Workflows.Templates.Syntax;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's <c>+ - * / // % **</c> for numbers, texts and sequences.</summary>
internal sealed class Arithmetic(Budget budget)
{
    public object Apply(BinaryOperator operation, object? left, object? right)
    {
        if (Number.IsNumber(left) && Number.IsNumber(right))
        {
            return Number.Apply(operation, left!, right!);
        }

        return (operation, left, right) switch
        {
            (BinaryOperator.Modulo, string format, _) => PercentFormat.Apply(format, right, budget),
            (_, Undefined undefined, _) => throw undefined.Error(),
            (_, _, Undefined undefined) => throw undefined.Error(),
            (BinaryOperator.Add, string a, string b) => Join(a, b),
            (BinaryOperator.Add, PyList a, PyList b) => Join(a, b),
            (BinaryOperator.Add, PyTuple a, PyTuple b) => Join(a, b),
            (BinaryOperator.Multiply, string or PyList or PyTuple, _) => Repeat(left, right),
            (BinaryOperator.Multiply, _, string or PyList or PyTuple) => Repeat(right, left),
            (BinaryOperator.Add, string or PyList or PyTuple, _) => throw TemplateException.Value(
                $"can only concatenate {PythonTypes.Name(left)} (not \"{PythonTypes.Name(right)}\") to {PythonTypes.Name(left)}"),
            _ => throw TemplateException.Value(
                $"unsupported operand type(s) for {operation.Symbol()}: '{PythonTypes.Name(left)}' and '{PythonTypes.Name(right)}'"),
        };
    }

    public static object Negate(object? value, bool isPlus)
    {
        Operators.Defined(value);
        if (!Number.IsNumber(value))
        {
            throw TemplateException.Value($"bad operand type for unary {(isPlus ? '+' : '-')}: '{PythonTypes.Name(value)}'");
        }

        return !isPlus ? Number.Negate(value!) : value is bool b ? b ? 1L : 0L : value!;
    }

    private string Join(string a, string b)
    {
        budget.AllocateText((long)a.Length + b.Length);
        return string.Concat(a, b);
    }

    private PyList Join(PyList a, PyList b)
    {
        budget.AllocateItems((long)a.Items.Count + b.Items.Count);
        return new PyList([.. a.Items, .. b.Items]);
    }

    private PyTuple Join(PyTuple a, PyTuple b)
    {
        budget.AllocateItems((long)a.Items.Length + b.Items.Length);
        return new PyTuple([.. a.Items, .. b.Items]);
    }

    private object Repeat(object sequence, object? times)
    {
        if (!Number.IsInteger(times))
        {
            throw TemplateException.Value($"can't multiply sequence by non-int of type '{PythonTypes.Name(times)}'");
        }

        var count = Operators.Length(sequence) == 0 ? 0 : Math.Max(0, Number.Index(times));
        switch (sequence)
        {
            case string text:
                budget.AllocateText((long)text.Length * count);
                return string.Create(text.Length * count, text, static (all, part) =>
                {
                    for (var at = 0; at < all.Length; at += part.Length)
                    {
                        part.CopyTo(all[at..]);
                    }
                });
            case PyList list:
                budget.AllocateItems((long)list.Items.Count * count);
                return new PyList(Repeated(list.Items, count));
            default:
                var tuple = ((PyTuple)sequence).Items;
                budget.AllocateItems((long)tuple.Length * count);
                return new PyTuple([.. Repeated(tuple, count)]);
        }
    }

    private static object?[] Repeated(IReadOnlyList<object?> items, int count)
    {
        var all = new object?[items.Count * count];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = items[i % items.Count];
        }

        return all;
    }
}
