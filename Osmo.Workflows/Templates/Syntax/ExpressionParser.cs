using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>Expressions, by precedence from the loosest: inline if, or, and, not, comparison, + -, ~, * / // %, **, unary, filters and tests.</summary>
internal sealed class ExpressionParser(TokenReader tokens)
{
    public Expression Parse()
    {
        tokens.Enter();
        var line = tokens.Current.Line;
        var expression = Or();
        while (tokens.TakeName("if"))
        {
            var test = Or();
            var otherwise = tokens.TakeName("else") ? Parse() : null;
            expression = new Expression.Conditional(expression, test, otherwise, line);
        }

        tokens.Leave();
        return expression;
    }

    /// <summary>An expression, or several with commas, which are a tuple.</summary>
    public Expression ParseTuple(bool withCondition = true, bool canBeEmpty = false, Func<bool>? endsAt = null)
    {
        var line = tokens.Current.Line;
        var items = ImmutableArray.CreateBuilder<Expression>();
        var isTuple = false;
        while (!AtEnd())
        {
            items.Add(withCondition ? Parse() : Or());
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

        bool AtEnd() => tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd or TokenKind.End || tokens.Current.IsOperator(")") || (endsAt?.Invoke() ?? false);
    }

    public Arguments ParseArguments()
    {
        tokens.ExpectOperator("(");
        var positional = ImmutableArray.CreateBuilder<Expression>();
        var named = ImmutableArray.CreateBuilder<(string, Expression)>();
        Expression? spread = null, namedSpread = null;
        while (!tokens.Current.IsOperator(")"))
        {
            if (tokens.TakeOperator("**"))
            {
                namedSpread = Parse();
            }
            else if (tokens.TakeOperator("*"))
            {
                spread = Parse();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Next.IsOperator("="))
            {
                var name = tokens.Take().Text;
                tokens.Take();
                named.Add((name, Parse()));
            }
            else if (named.Count > 0 || namedSpread is not null)
            {
                throw tokens.Error("invalid syntax for function call expression");
            }
            else
            {
                positional.Add(Parse());
            }

            if (!tokens.TakeOperator(",") && !tokens.Current.IsOperator(")"))
            {
                throw tokens.Error($"expected token ',', got '{tokens.Current.Description}'");
            }
        }

        tokens.Take();
        return new Arguments(positional.ToImmutable(), named.ToImmutable(), spread, namedSpread);
    }

    /// <summary><c>name</c> or <c>name(arguments)</c> after a '|'.</summary>
    public FilterCall ParseFilterCall()
    {
        var line = tokens.Current.Line;
        var name = DottedName();
        return new FilterCall(name, tokens.Current.IsOperator("(") ? ParseArguments() : Arguments.None, line);
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
        var rest = ImmutableArray.CreateBuilder<(string, Expression)>();
        while (ComparisonOperator() is { } operation)
        {
            rest.Add((operation, Sum()));
        }

        return rest.Count == 0 ? first : new Expression.Comparison(first, rest.ToImmutable(), line);
    }

    private string? ComparisonOperator()
    {
        var token = tokens.Current;
        if (token.Kind == TokenKind.Operator && token.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
        {
            return tokens.Take().Text;
        }

        if (tokens.TakeName("in"))
        {
            return "in";
        }

        if (token.IsName("not") && tokens.Next.IsName("in"))
        {
            tokens.Take();
            tokens.Take();
            return "not in";
        }

        return null;
    }

    private Expression Sum() => LeftAssociative(Concatenation, "+", "-");

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

    private Expression Product() => LeftAssociative(Power, "*", "/", "//", "%");

    private Expression Power() => LeftAssociative(() => Unary(withFilter: true), "**");

    private Expression LeftAssociative(Func<Expression> operand, params ReadOnlySpan<string> operators)
    {
        var left = operand();
        while (tokens.Current.Kind == TokenKind.Operator && operators.Contains(tokens.Current.Text))
        {
            var token = tokens.Take();
            left = new Expression.Binary(token.Text, left, operand(), token.Line);
        }

        return left;
    }

    private Expression Unary(bool withFilter)
    {
        tokens.Enter();
        var token = tokens.Current;
        Expression node;
        if (tokens.TakeOperator("-") || tokens.TakeOperator("+"))
        {
            node = new Expression.Unary(token.Text, Unary(withFilter: false), token.Line);
        }
        else
        {
            node = Postfix(Primary());
        }

        node = withFilter ? FiltersAndTests(node) : node;
        tokens.Leave();
        return node;
    }

    private Expression Primary()
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
                    _ => new Expression.Variable(token.Text, token.Line),
                };
            case TokenKind.String:
                return new Expression.Constant(Strings(), token.Line);
            case TokenKind.Integer:
                tokens.Take();
                return new Expression.Constant(Integer(token), token.Line);
            case TokenKind.Float:
                tokens.Take();
                return new Expression.Constant(double.Parse(token.Text.Replace("_", ""), CultureInfo.InvariantCulture), token.Line);
            case TokenKind.Operator when token.Text == "(":
                tokens.Take();
                var tuple = ParseTuple(canBeEmpty: true);
                tokens.ExpectOperator(")");
                return tuple;
            case TokenKind.Operator when token.Text == "[":
                return List();
            case TokenKind.Operator when token.Text == "{":
                return Dict();
            default:
                throw token.Kind == TokenKind.End ? tokens.Error("unexpected end of template") : tokens.Error($"unexpected '{token.Description}'");
        }
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

    private static object Integer(Token token)
    {
        var digits = token.Text.Replace("_", "").ToLowerInvariant();
        BigInteger Radix(int radix) =>
            digits.Skip(2).Aggregate(BigInteger.Zero, (sum, c) => (sum * radix) + Convert.ToInt32(c.ToString(), 16));
        return Number.Of(digits.Length > 1 && digits[0] == '0' && char.IsLetter(digits[1])
            ? Radix(digits[1] switch { 'x' => 16, 'o' => 8, _ => 2 })
            : BigInteger.Parse(digits, CultureInfo.InvariantCulture));
    }

    private Expression.ListLiteral List()
    {
        var line = tokens.Take().Line;
        var items = ImmutableArray.CreateBuilder<Expression>();
        while (!tokens.TakeOperator("]"))
        {
            items.Add(Parse());
            if (!tokens.Current.IsOperator("]"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new Expression.ListLiteral(items.ToImmutable(), line);
    }

    private Expression.DictLiteral Dict()
    {
        var line = tokens.Take().Line;
        var items = ImmutableArray.CreateBuilder<(Expression, Expression)>();
        while (!tokens.TakeOperator("}"))
        {
            var key = Parse();
            tokens.ExpectOperator(":");
            items.Add((key, Parse()));
            if (!tokens.Current.IsOperator("}"))
            {
                tokens.ExpectOperator(",");
            }
        }

        return new Expression.DictLiteral(items.ToImmutable(), line);
    }

    private Expression Postfix(Expression node)
    {
        while (tokens.Current.Kind == TokenKind.Operator)
        {
            var line = tokens.Current.Line;
            if (tokens.TakeOperator("."))
            {
                node = tokens.Current.Kind == TokenKind.Integer
                    ? new Expression.Item(node, new Expression.Constant(Integer(tokens.Take()), line), line)
                    : new Expression.Attribute(node, tokens.Expect(TokenKind.Name).Text, line);
            }
            else if (tokens.TakeOperator("["))
            {
                node = Subscript(node, line);
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

    private Expression Subscript(Expression of, int line)
    {
        var start = tokens.Current.IsOperator(":") ? null : ParseTuple(endsAt: () => tokens.Current.IsOperator("]"));
        if (!tokens.TakeOperator(":"))
        {
            tokens.ExpectOperator("]");
            return new Expression.Item(of, start!, line);
        }

        var stop = AtSliceEnd() ? null : Parse();
        var step = tokens.TakeOperator(":") && !AtSliceEnd() ? Parse() : null;
        tokens.ExpectOperator("]");
        return new Expression.Slice(of, start, stop, step, line);

        bool AtSliceEnd() => tokens.Current.IsOperator(":") || tokens.Current.IsOperator("]");
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

    private Expression.IsTest Test(Expression operand, int line)
    {
        var negated = tokens.TakeName("not");
        var name = DottedName();
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

        return new Expression.IsTest(operand, name, arguments, negated, line);
    }

    private static bool StartsArgument(Token token) =>
        token.Kind is TokenKind.String or TokenKind.Integer or TokenKind.Float
        || (token.Kind == TokenKind.Operator && token.Text is "[" or "{")
        || (token.Kind == TokenKind.Name && token.Text is not ("else" or "or" or "and" or "if" or "in" or "not"));

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
