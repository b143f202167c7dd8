namespace Osmo.Workflows.Templates.Values;

/// <summary>Python's <c>value[start:stop:step]</c>.</summary>
internal static class Slicing
{
    public static object Apply(object? value, object? start, object? stop, object? step)
    {
        switch (value)
        {
            case string text:
                var runes = text.EnumerateRunes().Select(rune => rune.ToString()).ToList();
                return string.Concat(Pick(runes, start, stop, step));
            case PyList list:
                return new PyList(Pick(list.Items, start, stop, step));
            case PyTuple tuple:
                return new PyTuple([.. Pick(tuple.Items, start, stop, step)]);
            case PyRange range:
                return new PyList(Pick(Enumerable.Range(0, range.Count).Select(index => (object?)range[index]).ToList(), start, stop, step));
            default:
                throw TemplateException.Value($"'{PythonTypes.Name(value)}' object is not subscriptable");
        }
    }

    private static List<T> Pick<T>(IReadOnlyList<T> items, object? start, object? stop, object? step)
    {
        var by = step is null ? 1 : Number.Int(step);
        if (by == 0)
        {
            throw TemplateException.Value("slice step cannot be zero");
        }

        var count = items.Count;
        var first = start is null ? (by > 0 ? 0 : count - 1) : Clamp(Number.Int(start));
        var end = stop is null ? (by > 0 ? count : -1) : Clamp(Number.Int(stop));
        var picked = new List<T>();
        for (long index = first; by > 0 ? index < end : index > end; index += by)
        {
            picked.Add(items[(int)index]);
        }

        return picked;

        int Clamp(int index)
        {
            var absolute = index < 0 ? (long)index + count : index;
            return by > 0 ? (int)Math.Clamp(absolute, 0, count) : (int)Math.Clamp(absolute, -1, count - 1);
        }
    }
}
