using System.Collections.Frozen;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>
/// <c>value.name</c> and <c>value[key]</c>. What is not listed here is not there; names that every Python object has are refused
/// (contract: workflow-spec §4, sandbox).
/// </summary>
internal sealed class Attributes(Budget budget)
{
    /// <summary>Python's names of internals, on whatever they are asked for.</summary>
    private static readonly FrozenSet<string> Internals = new[]
    {
        "abs", "add", "and", "bool", "bytes", "call", "ceil", "class", "class_getitem", "closure", "code", "contains", "defaults", "delattr",
        "delitem", "dict", "dir", "divmod", "doc", "eq", "float", "floor", "floordiv", "format", "func", "ge", "get", "getattr",
        "getattribute", "getitem", "getnewargs", "getstate", "globals", "gt", "hash", "html", "iadd", "imul", "index", "init",
        "init_subclass", "int", "invert", "ior", "iter", "kwdefaults", "le", "len", "lshift", "lt", "mod", "module", "mro", "mul", "name",
        "ne", "neg", "new", "next", "or", "pos", "pow", "qualname", "radd", "rand", "rdivmod", "reduce", "reduce_ex", "repr", "reversed",
        "rfloordiv", "rmod", "rmul", "ror", "round", "rpow", "rshift", "rsub", "rtruediv", "rxor", "self", "setattr", "setformat", "setitem",
        "sizeof", "slots", "str", "sub", "subclasshook", "text_signature", "truediv", "trunc", "weakref", "xor",
    }.Select(name => $"__{name}__").ToFrozenSet(StringComparer.Ordinal);

    private readonly TextMethods _text = new(budget);
    private readonly ListMethods _list = new(budget);
    private readonly DictMethods _dict = new(budget);

    public object? Attribute(object? of, string name)
    {
        if (of is Undefined && Internals.Contains(name))
        {
            return Undefined.Unsafe(of, name);
        }

        Operators.Defined(of);
        if (TryAttribute(of, name, out var value) || (of is PyDict dict && dict.TryGet(name, out value)))
        {
            return value;
        }

        return Undefined.Attribute(of, name, budget);
    }

    /// <summary>An attribute, but not the entry of a map.</summary>
    public object? AttributeOnly(object? of, string name)
    {
        Operators.Defined(of);
        return TryAttribute(of, name, out var value) ? value : Undefined.Attribute(of, name, budget);
    }

    public object? Item(object? of, object? key)
    {
        Operators.Defined(of);
        switch (of)
        {
            case PyDict dict:
                if (PyKey.TryOf(key, out var wrapped) && dict.Entries.TryGetValue(wrapped, out var entry))
                {
                    return entry;
                }

                break;
            case PyList or PyTuple or string or PyRange when Number.IsInteger(key):
                var length = Operators.Length(of);
                var index = Number.Index(key);
                index = index < 0 ? index + length : index;
                if (index >= 0 && index < length)
                {
                    return Operators.At(of, index);
                }

                break;
        }

        if (key is string name)
        {
            return TryAttribute(of, name, out var value) ? value : Undefined.Attribute(of, name, budget);
        }

        return Undefined.Element(of, key, budget);
    }

    private bool TryAttribute(object? of, string name, out object? value)
    {
        budget.Step();
        if (name.StartsWith('_'))
        {
            value = Undefined.Unsafe(of, name);
            return of is Namespace ? name == "__class__" : Internals.Contains(name) || (of is PyObject && !name.EndsWith("__", StringComparison.Ordinal));
        }

        switch (of)
        {
            case PyObject other:
                return other.TryAttribute(name, out value);
            case PyTuple tuple when tuple.Names.IndexOf(name) is var index and >= 0:
                value = tuple.Items[index];
                return true;
        }

        value = of switch
        {
            string text => _text.Get(text, name),
            PyDict dict => _dict.Get(dict, name),
            PyList list => _list.Get(list, name),
            PyTuple tuple => _list.Get(tuple, name),
            PyRange range => RangeAttribute(range, name),
            _ when Number.IsNumber(of) => NumberAttribute(of!, name),
            _ => null,
        };
        return value is not null;
    }

    private static object? RangeAttribute(PyRange range, string name) => name switch
    {
        "start" => range.Start,
        "stop" => range.Stop,
        "step" => range.Step,
        _ => null,
    };

    private static object? NumberAttribute(object number, string name) => (name, number) switch
    {
        ("real", _) => number is bool b ? b ? 1L : 0L : number,
        ("imag", double) => 0.0,
        ("imag" or "numerator" or "denominator", double) => null,
        ("imag", _) => 0L,
        ("numerator", _) => Number.Of(Number.Big(number)),
        ("denominator", _) => 1L,
        ("is_integer", double d) => new Function(name, arguments => arguments.Only(name, 0) is var _ && double.IsFinite(d) && Math.Floor(d) == d),
        ("bit_length", not double) => new Function(name, arguments =>
        {
            arguments.Only(name, 0);
            return (long)System.Numerics.BigInteger.Abs(Number.Big(number)).GetBitLength();
        }),
        _ => null,
    };
}
