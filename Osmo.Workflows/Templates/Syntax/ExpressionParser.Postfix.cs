using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>What follows a value: attributes, items, slices, calls.</summary>
internal sealed partial class ExpressionParser
{
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
}
