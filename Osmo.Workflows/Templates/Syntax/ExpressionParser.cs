using System.Collections.Immutable;
using System.Globalization;
using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>
/// Expressions, by precedence from the loosest: inline if, or, and, not, comparison, + -, ~, * / // %, **, unary, filters and tests.
/// </summary>
internal sealed class ExpressionParser(TokenReader tokens, TemplateChecks checks)
{
    public Expression Parse()
    {
        tokens.Enter();
        var expression = Conditional();
        tokens.Leave();
        return expression;
    }

    /// <summary>An expression, or several with commas, which are a tuple.</summary>
    /// <param name="endsAt">A name before which the tuple ends, such as <c>recursive</c>.</param>
    public Expression ParseTuple(bool withCondition = true, bool canBeEmpty = false, string? endsAt = null)
    {
        var line = tokens.Current.Line;
        var items = ImmutableArray.CreateBuilder<Expression>();
        var isTuple = false;
        while (!AtTupleEnd(endsAt))
        {
            items.Add(withCondition ? Parse() : WithoutCondition());
            if (!tokens.TakeOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        if (items.Count == 0 && !canBeEmpty)
        {
            throw tokens.Error($"Expected an expression, got '{tokens.Current.Description}'");
        }

        return items.Count == 1 && !isTuple ? items[0] : new Expression.TupleLiteral(items.ToImmutable(), line);
    }

    /// <summary><c>name</c> or <c>name(arguments)</c> after a '|'.</summary>
    public FilterCall ParseFilterCall()
    {
        var line = tokens.Current.Line;
        var name = DottedName();
        checks.Filter(name, line);
        return new FilterCall(name, tokens.Current.IsOperator("(") ? ParseArguments() : Arguments.None, line);
    }

    public Expression Primary()
    {
        var token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Take();
                return token.Text switch
                {
                    "true" or "True" => new Expression.Constant(true, token.Line),
                    "false" or "False" => new Expression.Constant(false, token.Line),
                    "none" or "None" => new Expression.Constant(null, token.Line),
                    _ => Variable(token),
                };
            case TokenKind.String:
                return new Expression.Constant(Strings(), token.Line);
            case TokenKind.Integer:
                return new Expression.Constant(Integer(tokens.Take()), token.Line);
            case TokenKind.Float:
                tokens.Take();
                return new Expression.Constant(double.Parse(token.Text.Replace("_", ""), CultureInfo.InvariantCulture), token.Line);
            case TokenKind.Operator when token.Text == "(":
                tokens.Take();
                var tuple = ParseTuple(canBeEmpty: true);
                tokens.ExpectOperator(")");
                return tuple;
            case TokenKind.Operator when token.Text == "[":
                tokens.Take();
                return new Expression.ListLiteral(Separated("]", Parse), token.Line);
            case TokenKind.Operator when token.Text == "{":
                tokens.Take();
                return new Expression.DictLiteral(Separated("}", DictItem), token.Line);
            default:
                throw tokens.Error($"unexpected '{token.Description}'");
        }
    }

    private bool AtTupleEnd(string? endsAt) => tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd
        || tokens.Current.IsOperator(")") || (endsAt is not null && tokens.Current.IsName(endsAt));

    private Expression Conditional()
    {
        var line = tokens.Current.Line;
        var mark = checks.Mark();
        var expression = Or();
        while (tokens.TakeName("if"))
        {
            checks.MakeSoft(mark);
            using var soft = checks.Soft();
            var test = Or();
            var otherwise = tokens.TakeName("else") ? Parse() : null;
            expression = new Expression.Conditional(expression, test, otherwise, line);
        }

        return expression;
    }

    private Expression WithoutCondition()
    {
        tokens.Enter();
        var expression = Or();
        tokens.Leave();
        return expression;
    }

    private Expression Or()
    {
        var left = And();
        while (tokens.Current.IsName("or"))
        {
            var line = tokens.Take().Line;
            left = new Expression.Or(left, And(), line);
        }

        return left;
    }

    private Expression And()
    {
        var left = Not();
        while (tokens.Current.IsName("and"))
        {
            var line = tokens.Take().Line;
            left = new Expression.And(left, Not(), line);
        }

        return left;
    }

    private Expression Not()
    {
        if (!tokens.Current.IsName("not"))
        {
            return Comparison();
        }

        tokens.Enter();
        var line = tokens.Take().Line;
        var operand = Not();
        tokens.Leave();
        return new Expression.Not(operand, line);
    }

    private Expression Comparison()
    {
        var line = tokens.Current.Line;
        var first = Sum();
        ImmutableArray<(ComparisonOperator, Expression)>.Builder? rest = null;
        while (TakeComparison() is { } operation)
        {
            rest ??= ImmutableArray.CreateBuilder<(ComparisonOperator, Expression)>();
            rest.Add((operation, Sum()));
        }

        return rest is null ? first : new Expression.Comparison(first, rest.ToImmutable(), line);
    }

    private ComparisonOperator? TakeComparison()
    {
        var token = tokens.Current;
        if (token.Kind == TokenKind.Operator && OperatorSymbols.Comparison(token.Text) is { } operation)
        {
            tokens.Take();
            return operation;
        }

        if (tokens.TakeName("in"))
        {
            return ComparisonOperator.In;
        }

        if (token.IsName("not") && tokens.Next.IsName("in"))
        {
            tokens.Take();
            tokens.Take();
            return ComparisonOperator.NotIn;
        }

        return null;
    }

    private Expression Sum()
    {
        var left = Concatenation();
        while (TakeBinary(BinaryOperator.Add, BinaryOperator.Subtract, out var line) is { } operation)
        {
            left = new Expression.Binary(operation, left, Concatenation(), line);
        }

        return left;
    }

    private Expression Concatenation()
    {
        var line = tokens.Current.Line;
        var first = Product();
        if (!tokens.Current.IsOperator("~"))
        {
            return first;
        }

        var parts = ImmutableArray.CreateBuilder<Expression>();
        parts.Add(first);
        while (tokens.TakeOperator("~"))
        {
            parts.Add(Product());
        }

        return new Expression.Concat(parts.ToImmutable(), line);
    }

    private Expression Product()
    {
        var left = Power();
        while (TakeBinary(BinaryOperator.Multiply, BinaryOperator.Modulo, out var line) is { } operation)
        {
            left = new Expression.Binary(operation, left, Power(), line);
        }

        return left;
    }

    /// <summary>Left-associative, unlike Python's.</summary>
    private Expression Power()
    {
        var left = Unary(withFilter: true);
        while (TakeBinary(BinaryOperator.Power, BinaryOperator.Power, out var line) is { } operation)
        {
            left = new Expression.Binary(operation, left, Unary(withFilter: true), line);
        }

        return left;
    }

    private BinaryOperator? TakeBinary(BinaryOperator first, BinaryOperator last, out int line)
    {
        line = tokens.Current.Line;
        if (tokens.Current.Kind != TokenKind.Operator || OperatorSymbols.Binary(tokens.Current.Text) is not { } operation
            || operation < first || operation > last)
        {
            return null;
        }

        tokens.Take();
        return operation;
    }

    private Expression Unary(bool withFilter)
    {
        var token = tokens.Current;
        Expression node;
        if (token.IsOperator("-") || token.IsOperator("+"))
        {
            tokens.Enter();
            tokens.Take();
            node = new Expression.Negate(Unary(withFilter: false), token.Text == "+", token.Line);
            tokens.Leave();
        }
        else
        {
            node = Postfix(Primary());
        }

        return withFilter ? FiltersAndTests(node) : node;
    }

    private Expression.Variable Variable(Token name)
    {
        checks.Load(name.Text);
        return new Expression.Variable(name.Text, name.Line);
    }

    private string Strings()
    {
        var text = tokens.Take().Text;
        while (tokens.Current.Kind == TokenKind.String)
        {
            text += tokens.Take().Text;
        }

        return text;
    }

    private object Integer(Token token) => PythonNumber.ParseInteger(token.Text, 0) is { } value
        ? Number.Of(value)
        : throw tokens.Error($"an integer may have at most {PythonNumber.DigitsMax} digits");

    private ImmutableArray<T> Separated<T>(string end, Func<T> item)
    {
        var items = ImmutableArray.CreateBuilder<T>();
        while (!tokens.TakeOperator(end))
        {
            items.Add(item());
            if (!tokens.Current.IsOperator(end))
            {
                tokens.ExpectOperator(",");
            }
        }

        return items.ToImmutable();
    }

    private (Expression Key, Expression Value) DictItem()
    {
        var key = Parse();
        tokens.ExpectOperator(":");
        return (key, Parse());
    }

    private Expression Postfix(Expression node)
    {
        while (tokens.Current.Kind == TokenKind.Operator)
        {
            var line = tokens.Current.Line;
            if (tokens.TakeOperator("."))
            {
                node = Member(node, line);
            }
            else if (tokens.TakeOperator("["))
            {
                node = new Expression.Item(node, Subscript(line), line);
            }
            else if (tokens.Current.IsOperator("("))
            {
                node = new Expression.Call(node, ParseArguments(), line);
            }
            else
            {
                break;
            }
        }

        return node;
    }

    private Expression Member(Expression of, int line) => tokens.Current.Kind switch
    {
        TokenKind.Name => new Expression.Attribute(of, tokens.Take().Text, line),
        TokenKind.Integer => new Expression.Item(of, new Expression.Constant(Integer(tokens.Take()), line), line),
        _ => throw tokens.Error("expected name or number"),
    };

    private Expression Subscript(int line)
    {
        var keys = ImmutableArray.CreateBuilder<Expression>();
        while (!tokens.TakeOperator("]"))
        {
            if (keys.Count > 0)
            {
                tokens.ExpectOperator(",");
            }

            keys.Add(KeyOrSlice());
        }

        return keys.Count == 1 ? keys[0] : new Expression.TupleLiteral(keys.ToImmutable(), line);
    }

    private Expression KeyOrSlice()
    {
        var line = tokens.Current.Line;
        var start = tokens.Current.IsOperator(":") ? null : Parse();
        if (start is not null && !tokens.Current.IsOperator(":"))
        {
            return start;
        }

        tokens.Take();
        var stop = tokens.Current.IsOperator(":") || AtSliceEnd() ? null : Parse();
        var step = tokens.TakeOperator(":") && !AtSliceEnd() ? Parse() : null;
        return new Expression.Slice(start, stop, step, line);

        bool AtSliceEnd() => tokens.Current.IsOperator("]") || tokens.Current.IsOperator(",");
    }

    private Arguments ParseArguments()
    {
        tokens.ExpectOperator("(");
        var positional = ImmutableArray.CreateBuilder<Expression>();
        var named = ImmutableArray.CreateBuilder<(string, Expression)>();
        Expression? spread = null, namedSpread = null;
        while (!tokens.Current.IsOperator(")"))
        {
            if (tokens.TakeOperator("**"))
            {
                Ensure(namedSpread is null);
                namedSpread = Parse();
            }
            else if (tokens.TakeOperator("*"))
            {
                Ensure(spread is null && namedSpread is null);
                spread = Parse();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Next.IsOperator("="))
            {
                Ensure(namedSpread is null);
                var name = tokens.Take().Text;
                tokens.Take();
                named.Add((name, Parse()));
            }
            else
            {
                Ensure(spread is null && namedSpread is null && named.Count == 0);
                positional.Add(Parse());
            }

            if (!tokens.Current.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }

        tokens.Take();
        return new Arguments(positional.ToImmutable(), named.ToImmutable(), spread, namedSpread);

        void Ensure(bool inOrder)
        {
            if (!inOrder)
            {
                throw tokens.Error("invalid syntax for function call expression");
            }
        }
    }

    private Expression FiltersAndTests(Expression node)
    {
        while (true)
        {
            var line = tokens.Current.Line;
            if (tokens.TakeOperator("|"))
            {
                node = new Expression.Filter(node, ParseFilterCall(), line);
            }
            else if (tokens.TakeName("is"))
            {
                node = Test(node, line);
            }
            else if (tokens.Current.IsOperator("("))
            {
                node = new Expression.Call(node, ParseArguments(), line);
            }
            else
            {
                return node;
            }
        }
    }

    private Expression Test(Expression operand, int line)
    {
        var negated = tokens.TakeName("not");
        var name = DottedName();
        checks.Test(name, line);
        var arguments = Arguments.None;
        if (tokens.Current.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (StartsArgument(tokens.Current))
        {
            if (tokens.Current.IsName("is"))
            {
                throw tokens.Error("You cannot chain multiple tests with is");
            }

            arguments = Arguments.None with { Positional = [Postfix(Primary())] };
        }

        var test = new Expression.IsTest(operand, name, arguments, line);
        return negated ? new Expression.Not(test, line) : test;
    }

    /// <summary>Whether a test's one argument follows without parentheses. Any word but these is taken for a variable, even <c>if</c>.</summary>
    private static bool StartsArgument(Token token) =>
        token.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float
        || (token.Kind == TokenKind.Operator && token.Text is "[" or "{")
        || (token.Kind == TokenKind.Name && token.Text is not ("else" or "or" or "and"));

    private string DottedName()
    {
        var name = tokens.Expect(TokenKind.Name).Text;
        while (tokens.TakeOperator("."))
        {
            name += "." + tokens.Expect(TokenKind.Name).Text;
        }

        return name;
    }
}
