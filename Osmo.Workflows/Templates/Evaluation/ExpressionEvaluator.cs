using System.Collections.Immutable;
using Osmo.Workflows.Templates.Syntax;
using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Evaluation;

/// <summary>Computes expressions.</summary>
internal sealed class ExpressionEvaluator
{
    /// <summary>What a call takes for itself: its arguments, and how they are bound.</summary>
    private const int CallSize = 192;

    private readonly Budget _budget;
    private readonly Attributes _attributes;
    private readonly Arithmetic _arithmetic;
    private readonly Filters _filters;

    public ExpressionEvaluator(Budget budget)
    {
        _budget = budget;
        _attributes = new Attributes(budget);
        _arithmetic = new Arithmetic(budget);
        _filters = new Filters(budget, _attributes);
    }

    public object? Evaluate(Expression expression, Scope scope)
    {
        _budget.Step();
        switch (expression)
        {
            case Expression.Constant constant:
                return constant.Value;
            case Expression.Variable name:
                return scope.Get(name.Value);
        }

        _budget.Enter();
        var value = expression switch
        {
            Expression.Attribute attribute => _attributes.Attribute(Evaluate(attribute.Of, scope), attribute.Key),
            Expression.Item { Key: Expression.Slice slice } item => Slice(Evaluate(item.Of, scope), slice, scope),
            Expression.Item item => _attributes.Item(Evaluate(item.Of, scope), Evaluate(item.Key, scope)),
            Expression.Comparison comparison => Compare(comparison, scope),
            Expression.Binary binary => _arithmetic.Apply(binary.Operator, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope)),
            Expression.Filter filter => ApplyFilter(filter.Applied, Evaluate(filter.Operand, scope), scope),
            Expression.Call call => Call(Evaluate(call.Callee, scope), call.Arguments, scope),
            Expression.Concat concat => Concat(concat, scope),
            Expression.IsTest test => ApplyTest(test, scope),
            Expression.And and => Evaluate(and.Left, scope) is var left && Operators.IsTrue(left) ? Evaluate(and.Right, scope) : left,
            Expression.Or or => Evaluate(or.Left, scope) is var left && Operators.IsTrue(left) ? left : Evaluate(or.Right, scope),
            Expression.Not not => !Operators.IsTrue(Evaluate(not.Operand, scope)),
            Expression.Conditional conditional => Conditional(conditional, scope),
            Expression.Negate negate => Arithmetic.Negate(Evaluate(negate.Operand, scope), negate.IsPlus),
            Expression.ListLiteral list => new PyList(EvaluateAll(list.Items, scope)),
            Expression.TupleLiteral tuple => new PyTuple(EvaluateAll(tuple.Items, scope)),
            Expression.DictLiteral dict => Dict(dict, scope),
            Expression.Slice => throw TemplateException.Value("a slice is not a value"),
            _ => throw new ArgumentOutOfRangeException(nameof(expression), expression.GetType(), "Unknown expression."),
        };
        _budget.Leave();
        return value;
    }

    public object? ApplyFilter(FilterCall filter, object? value, Scope scope) => Filters.Exists(filter.Name)
        ? _filters.Apply(filter.Name, value, Arguments(filter.Arguments, scope))
        : throw new TemplateException(TemplateFault.Assertion, $"No filter named '{filter.Name}' found.");

    public object? Call(object? callee, CallArguments arguments)
    {
        _budget.Step();
        _budget.Enter();
        var value = Operators.Defined(callee) is PyObject { IsCallable: true } known
            ? known.Call(arguments)
            : throw TemplateException.Value($"'{PythonTypes.Name(callee)}' object is not callable");
        _budget.Leave();
        return value;
    }

    public CallArguments Arguments(Arguments arguments, Scope scope)
    {
        if (ReferenceEquals(arguments, Syntax.Arguments.None))
        {
            return CallArguments.None;
        }

        _budget.Allocate(CallSize);
        var positional = EvaluateAll(arguments.Positional, scope);
        if (arguments.Spread is { } spread)
        {
            positional = positional.AddRange(Operators.Iterate(Evaluate(spread, scope), _budget));
        }

        if (arguments.Named.IsEmpty && arguments.NamedSpread is null)
        {
            return new CallArguments(positional, []);
        }

        var named = ImmutableArray.CreateBuilder<(string Name, object? Value)>(arguments.Named.Length);
        foreach (var (name, value) in arguments.Named)
        {
            Add(name, Evaluate(value, scope));
        }

        if (arguments.NamedSpread is { } namedSpread)
        {
            var dict = Operators.Defined(Evaluate(namedSpread, scope)) as PyDict ?? throw TemplateException.Value("argument after ** must be a mapping");
            foreach (var (key, value) in dict.Entries)
            {
                Add(key.Value as string ?? throw TemplateException.Value("keywords must be strings"), value);
            }
        }

        return new CallArguments(positional, named.ToImmutable());

        void Add(string name, object? value)
        {
            _budget.Step();
            if (named.Any(known => known.Name == name))
            {
                throw TemplateException.Value($"got multiple values for keyword argument '{name}'");
            }

            named.Add((name, value));
        }
    }

    private bool ApplyTest(Expression.IsTest test, Scope scope) => Tests.Exists(test.Name)
        ? Tests.Apply(test.Name, Evaluate(test.Operand, scope), Arguments(test.Arguments, scope), _budget)
        : throw new TemplateException(TemplateFault.Assertion, $"No test named '{test.Name}' found.");

    private object? Call(object? callee, Arguments arguments, Scope scope)
    {
        Operators.Defined(callee);
        return Call(callee, Arguments(arguments, scope));
    }

    private ImmutableArray<object?> EvaluateAll(ImmutableArray<Expression> expressions, Scope scope)
    {
        if (expressions.IsEmpty)
        {
            return [];
        }

        _budget.AllocateItems(expressions.Length);
        var values = ImmutableArray.CreateBuilder<object?>(expressions.Length);
        foreach (var expression in expressions)
        {
            values.Add(Evaluate(expression, scope));
        }

        return values.MoveToImmutable();
    }

    private PyDict Dict(Expression.DictLiteral literal, Scope scope)
    {
        var dict = new PyDict();
        foreach (var (key, value) in literal.Items)
        {
            dict.Set(Evaluate(key, scope), Evaluate(value, scope), _budget);
        }

        return dict;
    }

    private string Concat(Expression.Concat concat, Scope scope)
    {
        var parts = new string[concat.Parts.Length];
        var length = 0L;
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = PythonRepr.Text(Evaluate(concat.Parts[i], scope), _budget);
            length += parts[i].Length;
        }

        _budget.AllocateText(length);
        return string.Concat(parts);
    }

    private bool Compare(Expression.Comparison comparison, Scope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (operation, rightExpression) in comparison.Rest)
        {
            var right = Evaluate(rightExpression, scope);
            if (!Operators.Holds(operation, left, right, _budget))
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    private object? Conditional(Expression.Conditional conditional, Scope scope)
    {
        if (Operators.IsTrue(Evaluate(conditional.Test, scope)))
        {
            return Evaluate(conditional.Then, scope);
        }

        return conditional.Else is null ? Undefined.NoElse(conditional.Line) : Evaluate(conditional.Else, scope);
    }

    private object Slice(object? of, Expression.Slice slice, Scope scope) => Slicing.Apply(
        of,
        slice.Start is null ? null : Evaluate(slice.Start, scope),
        slice.Stop is null ? null : Evaluate(slice.Stop, scope),
        slice.Step is null ? null : Evaluate(slice.Step, scope),
        _budget);
}
