using System.Numerics;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>
/// What a template can hold. Everything a template touches is one of: null, bool, long, BigInteger, double, string, <see cref="PyList"/>,
/// <see cref="PyTuple"/>, <see cref="PyDict"/>, <see cref="PyView"/>, <see cref="PyRange"/>, <see cref="PyObject"/>, <see cref="Undefined"/>;
/// there is no way to any other .NET object.
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
        PyView view => view.TypeName,
        PyRange => "range",
        PyObject other => other.TypeName,
        Undefined undefined => undefined.IsLenient ? "Undefined" : "StrictUndefined",
        _ => throw new ArgumentOutOfRangeException(nameof(value), value.GetType(), "Not a template value."),
    };

    /// <summary>How messages about missing attributes name the value.</summary>
    public static string Described(object? value) => value switch
    {
        null => "None",
        PyObject other => $"{other.QualifiedName} object",
        _ => $"{Name(value)} object",
    };

    public static object? From(TemplateValue value, Budget budget)
    {
        budget.Step();
        switch (value)
        {
            case TemplateValue.None:
                return null;
            case TemplateValue.Bool b:
                return b.Value;
            case TemplateValue.Int i:
                return Number.Of(i.Value);
            case TemplateValue.Float f:
                return f.Value;
            case TemplateValue.Text t:
                return t.Value;
            case TemplateValue.List l:
                budget.AllocateItems(l.Items.Length);
                return new PyList(l.Items.Select(item => From(item, budget)));
            case TemplateValue.Map m:
                var dict = new PyDict();
                foreach (var (key, item) in m.Entries)
                {
                    dict.Set(From(key, budget), From(item, budget), budget);
                }

                return dict;
            default:
                throw new ArgumentOutOfRangeException(nameof(value), value, "Unknown template value.");
        }
    }
}
