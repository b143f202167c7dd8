using System.Collections.Immutable;
using System.Numerics;

namespace Osmo.Workflows.Templates.Values;

/// <summary>
/// What a template can hold. Everything a template touches is one of: null, bool, long, BigInteger, double, string and the types here; there is no way to any other .NET object.
/// </summary>
internal static class PythonTypes
{
    /// <summary>Python's name of the value's type, for messages.</summary>
    public static string Name(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        PyList => "list",
        PyTuple => "tuple",
        PyDict => "dict",
        PyRange => "range",
        Namespace => "Namespace",
        Undefined => "Undefined",
        LoopContext => "LoopContext",
        Function function => function.TypeName,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.GetType(), "Not a template value."),
    };

    public static object? From(TemplateValue value) => value switch
    {
        TemplateValue.None => null,
        TemplateValue.Bool b => b.Value,
        TemplateValue.Int i => Number.Of(i.Value),
        TemplateValue.Float f => f.Value,
        TemplateValue.Text t => t.Value,
        TemplateValue.List l => new PyList(l.Items.Select(From)),
        TemplateValue.Map m => new PyDict(m.Entries.Select(entry => new KeyValuePair<object?, object?>(From(entry.Key), From(entry.Value)))),
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, "Unknown template value."),
    };
}

internal sealed class PyList(IEnumerable<object?> items)
{
    public List<object?> Items { get; } = [.. items];
}

internal sealed class PyTuple(ImmutableArray<object?> items)
{
    public ImmutableArray<object?> Items { get; } = items;
}

/// <summary>A dictionary in order of insertion; keys compare as Python's do (1 == 1.0 == True).</summary>
internal sealed class PyDict
{
    public PyDict(IEnumerable<KeyValuePair<object?, object?>> entries)
    {
        foreach (var (key, value) in entries)
        {
            Set(key, value);
        }
    }

    public OrderedDictionary<PyKey, object?> Entries { get; } = [];

    public bool TryGet(object? key, out object? value) => Entries.TryGetValue(new PyKey(key), out value);

    public void Set(object? key, object? value)
    {
        var wrapped = new PyKey(key);
        Entries[wrapped] = value;
    }
}

/// <summary>A value as dictionary key or set member.</summary>
internal readonly struct PyKey : IEquatable<PyKey>
{
    public PyKey(object? value)
    {
        if (value is PyList or PyDict)
        {
            throw TemplateException.Value($"unhashable type: '{PythonTypes.Name(value)}'");
        }

        Value = value;
    }

    public object? Value { get; }

    public bool Equals(PyKey other) => Operators.AreEqual(Value, other.Value);

    public override bool Equals(object? obj) => obj is PyKey other && Equals(other);

    public override int GetHashCode() => Value switch
    {
        string s => s.GetHashCode(StringComparison.Ordinal),
        PyTuple tuple => tuple.Items.Aggregate(17, (hash, item) => HashCode.Combine(hash, new PyKey(item))),
        _ when Number.IsNumber(Value) => Number.Double(Value).GetHashCode(),
        null => 0,
        _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(Value),
    };
}

internal sealed class PyRange(long start, long stop, long step)
{
    public long Start { get; } = start;

    public long Stop { get; } = stop;

    public long Step { get; } = step;

    public int Count { get; } = (int)Math.Max(0, step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step);

    public long this[int index] => Start + (index * Step);
}

/// <summary>A name, attribute or element that is not there. It may be passed around; using it fails (contract: workflow-spec §4).</summary>
internal sealed class Undefined(string message)
{
    public string Message { get; } = message;

    public TemplateException Error() => TemplateException.Undefined(Message);
}

internal sealed class Namespace
{
    public Dictionary<string, object?> Attributes { get; } = new(StringComparer.Ordinal);
}

/// <summary>Arguments of a call, evaluated.</summary>
internal sealed record CallArguments(ImmutableArray<object?> Positional, ImmutableArray<(string Name, object? Value)> Named)
{
    public static CallArguments None { get; } = new([], []);

    /// <summary>Binds to parameters in order; a parameter not given is null in the result.</summary>
    /// <exception cref="TemplateException">Too many, unknown or doubled arguments, or a required one is missing.</exception>
    public Bound Bind(string function, int required, params ReadOnlySpan<string> parameters)
    {
        if (Positional.Length > parameters.Length)
        {
            throw TemplateException.Value($"{function}() takes at most {parameters.Length} arguments ({Positional.Length} given)");
        }

        var values = new object?[parameters.Length];
        var given = new bool[parameters.Length];
        for (var i = 0; i < Positional.Length; i++)
        {
            (values[i], given[i]) = (Positional[i], true);
        }

        foreach (var (name, value) in Named)
        {
            var index = parameters.IndexOf(name);
            if (index < 0 || given[index])
            {
                throw TemplateException.Value(index < 0
                    ? $"{function}() got an unexpected keyword argument '{name}'"
                    : $"{function}() got multiple values for argument '{name}'");
            }

            (values[index], given[index]) = (value, true);
        }

        for (var i = 0; i < required; i++)
        {
            if (!given[i])
            {
                throw TemplateException.Value($"{function}() missing required argument '{parameters[i]}'");
            }
        }

        return new Bound(values, given);
    }
}

/// <summary>Arguments by position of their parameter.</summary>
internal readonly struct Bound(object?[] values, bool[] given)
{
    public bool Has(int index) => given[index];

    public object? this[int index] => values[index] is Undefined undefined ? throw undefined.Error() : values[index];

    public object? Raw(int index) => values[index];

    public object? Or(int index, object? standard) => given[index] ? this[index] : standard;

    public string Text(int index, string standard) => given[index] ? Operators.ToText(this[index]) : standard;

    public int Int(int index, int standard) => given[index] && this[index] is not null ? Number.Int(this[index]) : standard;

    public bool Truth(int index, bool standard) => given[index] ? Operators.IsTrue(this[index]) : standard;
}

/// <summary>Something that can be called: a macro, a method of a value, or a global.</summary>
internal sealed class Function(string name, Func<CallArguments, object?> body, string typeName = "function")
{
    public string Name { get; } = name;

    public string TypeName { get; } = typeName;

    /// <summary>Attributes that templates may read, such as a macro's name.</summary>
    public IReadOnlyDictionary<string, object?> Attributes { get; init; } = ImmutableDictionary<string, object?>.Empty;

    public object? Call(CallArguments arguments) => body(arguments);
}
