using System.Numerics;

namespace Osmo.Workflows.Templates.Values;

/// <summary><c>value is name</c>.</summary>
internal static class Tests
{
    public static bool Apply(string name, object? value, CallArguments arguments)
    {
        switch (name)
        {
            case "defined":
                return value is not Undefined;
            case "undefined":
                return value is Undefined;
            case "filter":
                return value is string filter && Filters.Exists(filter);
            case "test":
                return value is string test && Exists(test);
        }

        return Plain(name, Operators.Use(value)) ?? Comparing(name, value, arguments) ?? throw new TemplateException(
            TemplateFault.Assertion, $"No test named '{name}'.");
    }

    public static bool Exists(string name) => name is "defined" or "undefined" or "filter" or "test" or "divisibleby" or "sameas" or "in" or "eq" or "equalto" or "ne" or "lt"
        or "lessthan" or "le" or "gt" or "greaterthan" or "ge" or "==" or "!=" or "<" or "<=" or ">" or ">=" || Plain(name, null, probe: true) is not null;

    private static bool? Plain(string name, object? value, bool probe = false) => name switch
    {
        "none" => value is null,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "integer" => value is long or BigInteger,
        "float" => value is double,
        "number" => Number.IsNumber(value),
        "string" => value is string,
        "mapping" => value is PyDict,
        "sequence" => value is string or PyList or PyTuple or PyDict or PyRange,
        "iterable" => value is string or PyList or PyTuple or PyDict or PyRange,
        "callable" => value is Function,
        "escaped" => false,
        "upper" => Operators.ToText(value) is var text && text.Any(char.IsLetter) && !text.Any(char.IsLower),
        "lower" => Operators.ToText(value) is var text && text.Any(char.IsLetter) && !text.Any(char.IsUpper),
        "even" => probe || Modulo(value, 2L) == 0,
        "odd" => probe || Modulo(value, 2L) != 0,
        _ => null,
    };

    private static bool? Comparing(string name, object? value, CallArguments arguments)
    {
        if (!Exists(name))
        {
            return null;
        }

        var other = arguments.Bind(name, 1, "other")[0];
        return name switch
        {
            "divisibleby" => Modulo(value, other) == 0,
            "sameas" => ReferenceEquals(value, other) || (value is null or bool or long or string && value?.GetType() == other?.GetType() && Operators.AreEqual(value, other)),
            "in" => Operators.Contains(other, value),
            "eq" or "equalto" or "==" => Operators.AreEqual(value, other),
            "ne" or "!=" => !Operators.AreEqual(value, other),
            "lt" or "lessthan" or "<" => Operators.Compare(value, other, "<") < 0,
            "le" or "<=" => Operators.Compare(value, other, "<=") <= 0,
            "gt" or "greaterthan" or ">" => Operators.Compare(value, other, ">") > 0,
            _ => Operators.Compare(value, other, ">=") >= 0,
        };
    }

    private static double Modulo(object? value, object? by) =>
        Number.IsNumber(value) && Number.IsNumber(by)
            ? Number.Double(Number.Apply("%", value!, by!))
            : throw TemplateException.Value($"unsupported operand type(s) for %: '{PythonTypes.Name(value)}' and '{PythonTypes.Name(by)}'");
}
