using System.Text;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's <c>value[start:stop:step]</c>.</summary>
internal static class Slicing
{
    public static object Apply(object? value, object? start, object? stop, object? step, Budget budget)
    {
        Operators.Defined(value);
        if (value is not (string or PyList or PyTuple or PyRange))
        {
            throw TemplateException.Value(value is PyDict ? "unhashable type: 'slice'" : $"'{PythonTypes.Name(value)}' object is not subscriptable");
        }

        var by = Part(step) ?? 1;
        if (by == 0)
        {
            throw TemplateException.Value("slice step cannot be zero");
        }

        var length = Operators.Length(value);
        var first = Bound(Part(start) ?? (by > 0 ? 0 : int.MaxValue), length, by > 0);
        var end = Part(stop) is { } given ? Bound(given, length, by > 0) : by > 0 ? length : -1;
        var count = (int)Math.Max(0, by > 0 ? ((long)end - first + by - 1) / by : ((long)first - end - by - 1) / -(long)by);
        return value switch
        {
            string text => Text(text, first, count, by, budget),
            PyList => new PyList(Pick(value, first, count, by, budget)),
            PyTuple => new PyTuple([.. Pick(value, first, count, by, budget)]),
            _ => Range((PyRange)value, first, end, by),
        };
    }

    private static int? Part(object? part) => part switch
    {
        null => null,
        _ when Number.IsInteger(part) => Number.Index(part),
        _ => throw TemplateException.Value("slice indices must be integers or None or have an __index__ method"),
    };

    private static int Bound(int index, int length, bool forward)
    {
        var absolute = index < 0 ? (long)index + length : index;
        return (int)(forward ? Math.Clamp(absolute, 0, length) : Math.Clamp(absolute, -1, length - 1));
    }

    private static string Text(string text, int first, int count, int by, Budget budget)
    {
        budget.AllocateText(count);
        budget.Scan(text.Length);
        if (by == 1)
        {
            var start = CodePoints.UnitOf(text, first);
            return text.Substring(start, CodePoints.UnitOf(text[start..], count));
        }

        var isUnits = CodePoints.AreUnits(text);
        string[] characters = isUnits ? [] : [.. CodePoints.Each(text)];
        budget.AllocateItems(characters.Length);
        var picked = new StringBuilder(count);
        for (var i = 0; i < count; i++)
        {
            var at = first + (int)((long)i * by);
            _ = isUnits ? picked.Append(text[at]) : picked.Append(characters[at]);
        }

        return picked.ToString();
    }

    private static object?[] Pick(object sequence, int first, int count, int by, Budget budget)
    {
        budget.AllocateItems(count);
        var picked = new object?[count];
        for (var i = 0; i < count; i++)
        {
            picked[i] = Operators.At(sequence, first + (int)((long)i * by));
        }

        return picked;
    }

    private static PyRange Range(PyRange range, int first, int end, int by) =>
        new(range.Start + (first * range.Step), range.Start + (end * range.Step), range.Step * by);
}
