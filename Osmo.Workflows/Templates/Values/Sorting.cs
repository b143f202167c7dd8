using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Stable sort that asks only "less", as Python does; what the question throws comes out as it is.</summary>
internal static class Sorting
{
    public static T[] Sort<T>(IReadOnlyCollection<T> items, bool reverse, Func<T, T, bool> isLess, Budget budget)
    {
        budget.AllocateItems(2L * items.Count);
        T[] sorted = [.. items];

        // Turned around before and after, elements that are equal keep their order in reverse too.
        if (reverse)
        {
            Array.Reverse(sorted);
        }

        Merge(sorted, new T[sorted.Length], 0, sorted.Length, isLess);
        if (reverse)
        {
            Array.Reverse(sorted);
        }

        return sorted;
    }

    private static void Merge<T>(T[] items, T[] spare, int start, int end, Func<T, T, bool> isLess)
    {
        if (end - start < 2)
        {
            return;
        }

        var middle = start + ((end - start) / 2);
        Merge(items, spare, start, middle, isLess);
        Merge(items, spare, middle, end, isLess);
        Array.Copy(items, start, spare, start, end - start);
        var (left, right) = (start, middle);
        for (var at = start; at < end; at++)
        {
            items[at] = left < middle && (right >= end || !isLess(spare[right], spare[left])) ? spare[left++] : spare[right++];
        }
    }
}
