using System.Collections.Immutable;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

internal sealed class PyList(IEnumerable<object?> items)
{
    public List<object?> Items { get; } = [.. items];
}

internal sealed class PyTuple
{
    private const int PartsMax = 10_000;
    private const int LevelsMax = 100;

    private readonly int _parts = 1;
    private readonly int _levels = 1;

    /// <param name="names">Of the items, if they can be read as attributes too.</param>
    public PyTuple(ImmutableArray<object?> items, ImmutableArray<string> names = default)
    {
        Items = items;
        Names = names.IsDefault ? [] : names;
        foreach (var item in items)
        {
            _parts = Math.Min(PartsMax + 1, _parts + (item is PyTuple tuple ? tuple._parts : 1));
            _levels = Math.Max(_levels, item is PyTuple inner ? inner._levels + 1 : 1);
        }
    }

    public ImmutableArray<object?> Items { get; }

    public ImmutableArray<string> Names { get; }

    /// <summary>Tuples of tuples of tuples can be larger than they look: such ones are never compared as keys.</summary>
    public bool IsTooLargeForKey => _parts > PartsMax || _levels > LevelsMax;
}

/// <summary>A dictionary in order of insertion; keys compare as Python's do (1 == 1.0 == True).</summary>
internal sealed class PyDict
{
    private const int EntryBytes = 64;

    public OrderedDictionary<PyKey, object?> Entries { get; } = [];

    /// <exception cref="TemplateException">The key cannot be one.</exception>
    public bool TryGet(object? key, out object? value) => Entries.TryGetValue(PyKey.Of(key), out value);

    public void Set(object? key, object? value, Budget budget)
    {
        budget.Step();
        budget.Allocate(EntryBytes);
        Entries[PyKey.Of(key)] = value;
    }

    public PyDict Copy(Budget budget)
    {
        var copy = new PyDict();
        foreach (var (key, value) in Entries)
        {
            copy.Set(key.Value, value, budget);
        }

        return copy;
    }
}

/// <summary>What <c>keys()</c>, <c>values()</c> and <c>items()</c> give: the dictionary seen from one side, as it is when looked at.</summary>
internal sealed class PyView(PyDict dict, PyView.Side side)
{
    internal enum Side
    {
        Keys = 1,
        Values,
        Items,
    }

    public PyDict Dict { get; } = dict;

    public string TypeName => side switch
    {
        Side.Keys => "dict_keys",
        Side.Values => "dict_values",
        _ => "dict_items",
    };

    public bool IsKeys => side == Side.Keys;

    public object? At(int index)
    {
        var (key, value) = Dict.Entries.GetAt(index);
        return side switch
        {
            Side.Keys => key.Value,
            Side.Values => value,
            _ => new PyTuple([key.Value, value]),
        };
    }
}

internal sealed class PyRange(long start, long stop, long step)
{
    public long Start { get; } = start;

    public long Stop { get; } = stop;

    public long Step { get; } = step;

    public int Count { get; } = CountOf(start, stop, step);

    public long this[int index] => Start + (index * Step);

    /// <summary>The number of elements, or <see cref="int.MaxValue"/> if there are more.</summary>
    private static int CountOf(long start, long stop, long step)
    {
        var span = step > 0 ? (Int128)stop - start : (Int128)start - stop;
        var by = Int128.Abs(step);
        return span <= 0 ? 0 : (int)Int128.Min(int.MaxValue, (span + by - 1) / by);
    }
}

/// <summary>A value as dictionary key or member of a set.</summary>
internal readonly struct PyKey : IEquatable<PyKey>
{
    private PyKey(object? value) => Value = value;

    public object? Value { get; }

    public static PyKey Of(object? value) => TryOf(value, out var key) ? key : throw Unhashable(value);

    /// <summary>False for values that have no hash, such as lists.</summary>
    public static bool TryOf(object? value, out PyKey key)
    {
        key = new PyKey(value);
        return value switch
        {
            PyList or PyDict or PyView { IsKeys: true } => false,
            Undefined { IsLenient: false } undefined => throw undefined.Error(),
            PyTuple { IsTooLargeForKey: true } => throw TemplateException.Value("the tuple is too large for a key"),
            PyTuple tuple => tuple.Items.All(item => TryOf(item, out _)),
            _ => true,
        };
    }

    public bool Equals(PyKey other) => Same(Value, other.Value);

    public override bool Equals(object? obj) => obj is PyKey other && Equals(other);

    public override int GetHashCode() => Hash(Value);

    private static bool Same(object? left, object? right)
    {
        switch (left, right)
        {
            case (string a, string b):
                return string.Equals(a, b, StringComparison.Ordinal);
            case (PyTuple a, PyTuple b):
                return ReferenceEquals(a, b) || (a.Items.Length == b.Items.Length && a.Items.Zip(b.Items).All(pair => Same(pair.First, pair.Second)));
            case (PyRange a, PyRange b):
                return Operators.SameRange(a, b);
            default:
                return Number.IsNumber(left) && Number.IsNumber(right)
                    ? Number.Compare(left!, right!) == 0 || ReferenceEquals(left, right)
                    : ReferenceEquals(left, right);
        }
    }

    private static int Hash(object? value)
    {
        switch (value)
        {
            case null:
                return 0;
            case string text:
                return text.GetHashCode(StringComparison.Ordinal);
            case PyTuple tuple:
                var hash = default(HashCode);
                foreach (var item in tuple.Items)
                {
                    hash.Add(Hash(item));
                }

                return hash.ToHashCode();
            case PyRange range:
                return HashCode.Combine(range.Count, range.Count > 0 ? range.Start : 0);
            default:
                return Number.IsNumber(value) ? Number.Hash(value) : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value);
        }
    }

    private static TemplateException Unhashable(object? value)
    {
        while (value is PyTuple tuple)
        {
            value = tuple.Items.First(item => !TryOf(item, out _));
        }

        return TemplateException.Value($"unhashable type: '{PythonTypes.Name(value)}'");
    }
}
