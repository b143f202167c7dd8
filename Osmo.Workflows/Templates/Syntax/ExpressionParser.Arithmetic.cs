using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary><c>+ - ~ * / // % **</c>, and signs.</summary>
internal sealed partial class ExpressionParser
{
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
}
