using System.Collections.Immutable;
using System.Text;
using Osmo.Workflows.Templates.Syntax;
using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Evaluation;

/// <summary>Computes expressions.</summary>
internal sealed class ExpressionEvaluator
{
    private readonly Budget _budget;
    private readonly Attributes _attributes;
    private readonly Filters _filters;

    public ExpressionEvaluator(Budget budget)
    {
        _budget = budget;
        _attributes = new Attributes(budget);
        _filters = new Filters(budget, _attributes);
    }

    public object? Evaluate(Expression expression, Scope scope)
    {
        _budget.Step();
        _budget.Enter();
        var value = expression switch
        {
            Expression.Constant constant => constant.Value,
            Expression.Variable name => scope.Get(name.Value),
            Expression.ListLiteral list => new PyList(list.Items.Select(item => Evaluate(item, scope))),
            Expression.TupleLiteral tuple => new PyTuple([.. tuple.Items.Select(item => Evaluate(item, scope))]),
            Expression.DictLiteral dict => new PyDict(dict.Items.Select(item =>
                new KeyValuePair<object?, object?>(Operators.Use(Evaluate(item.Key, scope)), Evaluate(item.Value, scope)))),
            Expression.Unary unary => Unary(unary, scope),
            Expression.Binary binary => Binary(binary.Operator, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope)),
            Expression.Concat concat => Concat(concat, scope),
            Expression.Comparison comparison => Compare(comparison, scope),
            Expression.And and => Evaluate(and.Left, scope) is var left && Operators.IsTrue(left) ? Evaluate(and.Right, scope) : left,
            Expression.Or or => Evaluate(or.Left, scope) is var left && Operators.IsTrue(left) ? left : Evaluate(or.Right, scope),
            Expression.Not not => !Operators.IsTrue(Evaluate(not.Operand, scope)),
            Expression.Conditional conditional => Conditional(conditional, scope),
            Expression.Attribute attribute => _attributes.Attribute(Evaluate(attribute.Of, scope), attribute.Key),
            Expression.Item item => _attributes.Item(Evaluate(item.Of, scope), Operators.Use(Evaluate(item.Key, scope))),
            Expression.Slice slice => Slice(slice, scope),
            Expression.Call call => Call(Evaluate(call.Callee, scope), Arguments(call.Arguments, scope)),
            Expression.Filter filter => ApplyFilter(filter.Applied, Evaluate(filter.Operand, scope), scope),
            Expression.IsTest test => Tests.Apply(test.Name, Evaluate(test.Operand, scope), Arguments(test.Arguments, scope)) != test.Negated,
            _ => throw new ArgumentOutOfRangeException(nameof(expression), expression.GetType(), "Unknown expression."),
        };
        _budget.Leave();
        return value;
    }

    public object? ApplyFilter(FilterCall filter, object? value, Scope scope) => _filters.Apply(filter.Name, value, Arguments(filter.Arguments, scope));

    public CallArguments Arguments(Arguments arguments, Scope scope)
    {
        if (arguments == Syntax.Arguments.None)
        {
            return CallArguments.None;
        }

        var positional = arguments.Positional.Select(argument => Evaluate(argument, scope)).ToImmutableArray();
        var named = arguments.Named.Select(argument => (argument.Name, Evaluate(argument.Value, scope))).ToImmutableArray();
        if (arguments.Spread is { } spread)
        {
            positional = positional.AddRange(Operators.Iterate(Evaluate(spread, scope)));
        }

        if (arguments.NamedSpread is { } namedSpread)
        {
            var dict = Operators.Use(Evaluate(namedSpread, scope)) as PyDict ?? throw TemplateException.Value("argument after ** must be a mapping");
            named = named.AddRange(dict.Entries.Select(entry => (
                entry.Key.Value as string ?? throw TemplateException.Value("keywords must be strings"), entry.Value)));
        }

        return new CallArguments(positional, named);
    }

    public object? Call(object? callee, CallArguments arguments)
    {
        _budget.Step();
        _budget.Enter();
        var value = callee switch
        {
            Function function => function.Call(arguments),
            LoopContext loop => loop.Recurse(arguments),
            Undefined undefined => throw undefined.Error(),
            _ => throw TemplateException.Value($"'{PythonTypes.Name(callee)}' object is not callable"),
        };
        _budget.Leave();
        return value;
    }

    private object Unary(Expression.Unary unary, Scope scope)
    {
        var operand = Operators.Use(Evaluate(unary.Operand, scope));
        if (!Number.IsNumber(operand))
        {
            throw TemplateException.Value($"bad operand type for unary {unary.Operator}: '{PythonTypes.Name(operand)}'");
        }

        return Number.Apply(unary.Operator, 0L, operand!);
    }

    private object Binary(string operation, object? left, object? right)
    {
        Operators.Use(left);
        Operators.Use(right);
        if (Number.IsNumber(left) && Number.IsNumber(right))
        {
            return Number.Apply(operation, left!, right!);
        }

        switch (operation, left, right)
        {
            case ("+", string a, string b):
                _budget.Allocate(2L * (a.Length + b.Length));
                return a + b;
            case ("+", PyList a, PyList b):
                _budget.Allocate(8L * (a.Items.Count + b.Items.Count));
                return new PyList([.. a.Items, .. b.Items]);
            case ("+", PyTuple a, PyTuple b):
                _budget.Allocate(8L * (a.Items.Length + b.Items.Length));
                return new PyTuple([.. a.Items, .. b.Items]);
            case ("*", _, _) when Repeat(left, right) is { } repeated:
                return repeated;
            case ("*", _, _) when Repeat(right, left) is { } repeated:
                return repeated;
            case ("%", string format, _):
                return PercentFormat.Apply(format, right, _budget);
            default:
                throw TemplateException.Value(operation == "+" && left is string or PyList or PyTuple
                    ? $"can only concatenate {PythonTypes.Name(left)} (not \"{PythonTypes.Name(right)}\") to {PythonTypes.Name(left)}"
                    : $"unsupported operand type(s) for {operation}: '{PythonTypes.Name(left)}' and '{PythonTypes.Name(right)}'");
        }
    }

    private object? Repeat(object? sequence, object? times)
    {
        if (sequence is not (string or PyList or PyTuple) || !Number.IsInteger(times))
        {
            return null;
        }

        var count = Math.Max(0, Number.Int(times));
        switch (sequence)
        {
            case string text:
                _budget.Allocate(2L * text.Length * count);
                return new StringBuilder().Insert(0, text, text.Length == 0 ? 0 : count).ToString();
            case PyList list:
                _budget.Allocate(8L * list.Items.Count * count);
                return new PyList(Enumerable.Repeat(list.Items, list.Items.Count == 0 ? 0 : count).SelectMany(items => items));
            default:
                var tuple = ((PyTuple)sequence).Items;
                _budget.Allocate(8L * tuple.Length * count);
                return new PyTuple([.. Enumerable.Repeat(tuple, tuple.IsEmpty ? 0 : count).SelectMany(items => items)]);
        }
    }

    private string Concat(Expression.Concat concat, Scope scope)
    {
        var parts = concat.Parts.Select(part => Operators.ToText(Evaluate(part, scope))).ToList();
        _budget.Allocate(2L * parts.Sum(part => part.Length));
        return string.Concat(parts);
    }

    private bool Compare(Expression.Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (operation, rightExpression) in comparison.Rest)
        {
            var right = Evaluate(rightExpression, scope);
            if (!Holds(operation, left, right))
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    private static bool Holds(string operation, object? left, object? right) => operation switch
    {
        "==" => Operators.AreEqual(left, right),
        "!=" => !Operators.AreEqual(left, right),
        "in" => Operators.Contains(right, Operators.Use(left)),
        "not in" => !Operators.Contains(right, Operators.Use(left)),
        "<" => Operators.Compare(left, right, operation) < 0,
        "<=" => Operators.Compare(left, right, operation) <= 0,
        ">" => Operators.Compare(left, right, operation) > 0,
        ">=" => Operators.Compare(left, right, operation) >= 0,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Unknown comparison."),
    };

    /// <summary>Without <c>else</c> a false condition prints nothing (contract: workflow-spec §4).</summary>
    private object? Conditional(Expression.Conditional conditional, Scope scope)
    {
        if (Operators.IsTrue(Evaluate(conditional.Test, scope)))
        {
            return Evaluate(conditional.Then, scope);
        }

        return conditional.Else is null ? "" : Evaluate(conditional.Else, scope);
    }

    private object? Slice(Expression.Slice slice, Scope scope)
    {
        var of = Operators.Use(Evaluate(slice.Of, scope));
        object? Part(Expression? part) => part is null ? null : Operators.Use(Evaluate(part, scope));
        return Slicing.Apply(of, Part(slice.Start), Part(slice.Stop), Part(slice.Step));
    }
}
