using System.Collections.Frozen;
using System.Numerics;
using Osmo.Workflows.Templates.Evaluation;
using Osmo.Workflows.Templates.Syntax;

namespace Osmo.Workflows.Templates.Values;

/// <summary><c>value is name</c>.</summary>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Test> All = Plain().Concat(WithArgument()).ToFrozenDictionary(test => test.Name, StringComparer.Ordinal);

    public static bool Exists(string name) => All.ContainsKey(name);

    public static bool Apply(string name, object? value, CallArguments arguments, Budget budget)
    {
        if (!All.TryGetValue(name, out var test))
        {
            throw new TemplateException(TemplateFault.Assertion, $"No test named '{name}'.");
        }

        budget.Step();
        var bound = test.HasArgument ? arguments.Bind(name, 1, "other") : arguments.Bind(name, 0);
        return test.Holds(value, test.HasArgument ? bound.Raw(0) : null, budget);
    }

    private static IEnumerable<Test> Plain() =>
    [
        Test.Of("defined", static (value, _) => value is not Undefined),
        Test.Of("undefined", static (value, _) => value is Undefined),
        Test.Of("filter", static (value, _) => PyKey.Of(value).Value is string filter && Filters.Exists(filter)),
        Test.Of("test", static (value, _) => PyKey.Of(value).Value is string test && Exists(test)),
        Test.Of("none", static (value, _) => value is null),
        Test.Of("boolean", static (value, _) => value is bool),
        Test.Of("true", static (value, _) => value is true),
        Test.Of("false", static (value, _) => value is false),
        Test.Of("integer", static (value, _) => value is long or BigInteger),
        Test.Of("float", static (value, _) => value is double),
        Test.Of("number", static (value, _) => Number.IsNumber(value)),
        Test.Of("string", static (value, _) => value is string),
        Test.Of("mapping", static (value, _) => value is PyDict),
        Test.Of("sequence", static (value, _) => value is string or PyList or PyTuple or PyDict or PyRange),
        Test.Of("iterable", static (value, _) => Operators.Use(value) is string or PyList or PyTuple or PyDict or PyView or PyRange or LoopContext or Undefined),
        Test.Of("callable", static (value, _) => value is PyObject { IsCallable: true } or Undefined),
        Test.Of("escaped", static (_, _) => false),
        Test.Of("upper", static (value, budget) => LetterCase.IsUpper(Scanned(value, budget))),
        Test.Of("lower", static (value, budget) => LetterCase.IsLower(Scanned(value, budget))),
        Test.Of("even", static (value, budget) => Operators.AreEqual(Modulo(value, 2L, budget), 0L, budget)),
        Test.Of("odd", static (value, budget) => Operators.AreEqual(Modulo(value, 2L, budget), 1L, budget)),
    ];

    private static IEnumerable<Test> WithArgument() =>
    [
        new("divisibleby", static (value, other, budget) => Operators.AreEqual(Modulo(value, other, budget), 0L, budget), HasArgument: true),
        new("sameas", static (value, other, _) => IsSame(value, other), HasArgument: true),
        new("in", static (value, other, budget) => Operators.Contains(other, value, budget), HasArgument: true),
        .. Comparing(ComparisonOperator.Equal, "eq", "equalto", "=="),
        .. Comparing(ComparisonOperator.NotEqual, "ne", "!="),
        .. Comparing(ComparisonOperator.Less, "lt", "lessthan", "<"),
        .. Comparing(ComparisonOperator.LessOrEqual, "le", "<="),
        .. Comparing(ComparisonOperator.Greater, "gt", "greaterthan", ">"),
        .. Comparing(ComparisonOperator.GreaterOrEqual, "ge", ">="),
    ];

    private static IEnumerable<Test> Comparing(ComparisonOperator operation, params string[] names) =>
        names.Select(name => new Test(name, (value, other, budget) => Operators.Holds(operation, value, other, budget), HasArgument: true));

    private static string Scanned(object? value, Budget budget)
    {
        var text = PythonRepr.Text(value, budget);
        budget.Scan(text.Length);
        return text;
    }

    private static object Modulo(object? value, object? by, Budget budget) => new Arithmetic(budget).Apply(BinaryOperator.Modulo, value, by);

    /// <summary>Small values have no identity of their own here: those that are equal and of a type count as the same.</summary>
    private static bool IsSame(object? value, object? other) => (value, other) switch
    {
        (bool a, bool b) => a == b,
        (long a, long b) => a == b,
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        _ => ReferenceEquals(value, other),
    };

    private sealed record Test(string Name, Func<object?, object?, Budget, bool> Holds, bool HasArgument)
    {
        public static Test Of(string name, Func<object?, Budget, bool> holds) => new(name, (value, _, budget) => holds(value, budget), HasArgument: false);
    }
}
