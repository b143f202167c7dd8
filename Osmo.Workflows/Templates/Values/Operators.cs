using System.Numerics;
using Osmo.Workflows.Templates.Evaluation;
using Osmo.Workflows.Templates.Syntax;

namespace Osmo.Workflows.Templates.Values;

/// <summary>What Python's truth, comparisons and iteration do with template values.</summary>
internal static class Operators
{
    /// <summary>Nesting of values that are compared.</summary>
    private const int DepthMax = 200;

    public static bool IsTrue(object? value)
    {
        switch (value)
        {
            case null:
                return false;
            case bool b:
                return b;
            case string s:
                return s.Length > 0;
            case long l:
                return l != 0;
            case double d:
                return d != 0;
            case BigInteger b:
                return !b.IsZero;
            case Undefined undefined:
                undefined.UseAsNothing();
                return false;
            case PyObject:
                return true;
            default:
                return Length(value) > 0;
        }
    }

    /// <summary>The value, unless it is undefined in a way that may not be used.</summary>
    public static object? Use(object? value)
    {
        if (value is Undefined undefined)
        {
            undefined.UseAsNothing();
        }

        return value;
    }

    /// <summary>The value, unless it is undefined in any way.</summary>
    public static object? Defined(object? value) => value is Undefined undefined ? throw undefined.Error() : value;

    public static bool Holds(ComparisonOperator operation, object? left, object? right, Budget budget) => operation switch
    {
        ComparisonOperator.Equal => AreEqual(left, right, budget),
        ComparisonOperator.NotEqual => !AreEqual(left, right, budget),
        ComparisonOperator.In => Contains(right, left, budget),
        ComparisonOperator.NotIn => !Contains(right, left, budget),
        ComparisonOperator.Less => Compare(left, right, operation, budget) < 0,
        ComparisonOperator.LessOrEqual => Compare(left, right, operation, budget) <= 0,
        ComparisonOperator.Greater => Compare(left, right, operation, budget) > 0,
        ComparisonOperator.GreaterOrEqual => Compare(left, right, operation, budget) >= 0,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown comparison."),
    };

    public static bool IsLess(object? left, object? right, Budget budget) => Compare(left, right, ComparisonOperator.Less, budget) < 0;

    public static bool AreEqual(object? left, object? right, Budget budget) => AreEqual(left, right, budget, 0);

    /// <summary>Same object or equal: what membership and comparison of elements ask.</summary>
    public static bool AreSame(object? left, object? right, Budget budget) => ReferenceEquals(left, right) || AreEqual(left, right, budget, 0);

    public static bool SameRange(PyRange a, PyRange b) =>
        a.Count == b.Count && (a.Count == 0 || (a.Start == b.Start && (a.Count == 1 || a.Step == b.Step)));

    public static bool Contains(object? container, object? item, Budget budget)
    {
        switch (container)
        {
            case string text:
                budget.Scan(text.Length);
                return Use(item) is string part
                    ? text.Contains(part, StringComparison.Ordinal)
                    : throw TemplateException.Value($"'in <string>' requires string as left operand, not {PythonTypes.Name(item)}");
            case PyDict dict:
                return dict.TryGet(item, out _);
            case PyView { IsKeys: true } keys:
                return keys.Dict.TryGet(item, out _);
            case PyList or PyTuple or PyView or PyRange or Undefined:
                return Iterate(container, budget).Any(element => AreSame(element, item, budget));
            default:
                throw TemplateException.Value($"argument of type '{PythonTypes.Name(container)}' is not iterable");
        }
    }

    /// <summary>The elements that a <c>for</c> would visit, one by one as they are asked for; each costs a step.</summary>
    public static IEnumerable<object?> Iterate(object? value, Budget budget)
    {
        switch (value)
        {
            case PyList or PyTuple or PyDict or PyView or PyRange:
                return Elements(value, budget);
            case string text:
                return Characters(text, budget);
            case Undefined undefined:
                undefined.UseAsNothing();
                return [];
            case LoopContext loop:
                return loop.Rest();
            default:
                throw TemplateException.Value($"'{PythonTypes.Name(value)}' object is not iterable");
        }
    }

    public static int Length(object? value) => TryLength(value) ?? throw TemplateException.Value($"object of type '{PythonTypes.Name(value)}' has no len()");

    /// <summary>Null if the value has no length.</summary>
    public static int? TryLength(object? value)
    {
        switch (value)
        {
            case string text:
                return CodePoints.Count(text);
            case PyList list:
                return list.Items.Count;
            case PyTuple tuple:
                return tuple.Items.Length;
            case PyDict dict:
                return dict.Entries.Count;
            case PyView view:
                return view.Dict.Entries.Count;
            case PyRange range:
                return range.Count;
            case LoopContext loop:
                return loop.Length;
            case Undefined undefined:
                undefined.UseAsNothing();
                return 0;
            default:
                return null;
        }
    }

    /// <summary>An element of a sequence, by an index within its bounds.</summary>
    public static object? At(object sequence, int index) => sequence switch
    {
        PyList list => list.Items[index],
        PyTuple tuple => tuple.Items[index],
        PyRange range => range[index],
        string text => CodePoints.At(text, index),
        PyDict dict => dict.Entries.GetAt(index).Key.Value,
        PyView view => view.At(index),
        _ => throw new ArgumentOutOfRangeException(nameof(sequence), sequence.GetType(), "Not a sequence."),
    };

    /// <summary>Order of two values of like type; null if there is none, as with nan.</summary>
    public static int? Compare(object? left, object? right, ComparisonOperator operation, Budget budget) => Compare(left, right, operation, budget, 0);

    private static int? Compare(object? left, object? right, ComparisonOperator operation, Budget budget, int depth)
    {
        budget.Step();
        Defined(left);
        Defined(right);
        if (Number.IsNumber(left) && Number.IsNumber(right))
        {
            return Number.Compare(left!, right!);
        }

        switch (left, right)
        {
            case (string a, string b):
                budget.Scan(Math.Min(a.Length, b.Length));
                return CodePoints.Compare(a, b);
            case (PyList, PyList) or (PyTuple, PyTuple) when depth < DepthMax:
                var count = Math.Min(Length(left), Length(right));
                for (var i = 0; i < count; i++)
                {
                    var (a, b) = (At(left, i), At(right, i));
                    if (!ReferenceEquals(a, b) && !AreEqual(a, b, budget, depth + 1))
                    {
                        return Compare(a, b, operation, budget, depth + 1);
                    }
                }

                return Length(left).CompareTo(Length(right));
            case (PyList, PyList) or (PyTuple, PyTuple):
                throw TemplateException.Value("maximum recursion depth exceeded in comparison");
            default:
                throw TemplateException.Value(
                    $"'{operation.Symbol()}' not supported between instances of '{PythonTypes.Name(left)}' and '{PythonTypes.Name(right)}'");
        }
    }

    private static bool AreEqual(object? left, object? right, Budget budget, int depth)
    {
        budget.Step();
        if (depth > DepthMax)
        {
            throw TemplateException.Value("maximum recursion depth exceeded in comparison");
        }

        switch (left, right)
        {
            case (Undefined or null, Undefined or null) or (Undefined, _) or (_, Undefined):
                Use(left);
                Use(right);
                return left is null == right is null && left is Undefined == right is Undefined;
            case (string a, string b):
                budget.Scan(Math.Min(a.Length, b.Length));
                return string.Equals(a, b, StringComparison.Ordinal);
            case (PyDict a, PyDict b):
                return a.Entries.Count == b.Entries.Count && a.Entries.All(entry =>
                    b.Entries.TryGetValue(entry.Key, out var other)
                    && (ReferenceEquals(entry.Value, other) || AreEqual(entry.Value, other, budget, depth + 1)));
            case (PyList, PyList) or (PyTuple, PyTuple):
                return AreEqualSequences(left, right, budget, depth);
            case (PyRange a, PyRange b):
                return SameRange(a, b);
            default:
                return Number.IsNumber(left) && Number.IsNumber(right) ? Number.Compare(left!, right!) == 0 : ReferenceEquals(left, right);
        }
    }

    private static bool AreEqualSequences(object left, object right, Budget budget, int depth)
    {
        if (Length(left) != Length(right))
        {
            return false;
        }

        for (var i = 0; i < Length(left); i++)
        {
            var (a, b) = (At(left, i), At(right, i));
            if (!ReferenceEquals(a, b) && !AreEqual(a, b, budget, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A list may grow while it is visited, a map may not.</summary>
    private static IEnumerable<object?> Elements(object value, Budget budget)
    {
        var isFixed = value is PyDict or PyView;
        var count = Length(value);
        for (var i = 0; i < Length(value); i++)
        {
            budget.Step();
            yield return At(value, i);
            if (isFixed && Length(value) != count)
            {
                throw TemplateException.Value("dictionary changed size during iteration");
            }
        }
    }

    private static IEnumerable<object?> Characters(string text, Budget budget)
    {
        foreach (var character in CodePoints.Each(text))
        {
            budget.Step();
            yield return character;
        }
    }
}
