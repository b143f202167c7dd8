using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>
/// Expressions, by precedence from the loosest: inline if, or, and, not, comparison, + -, ~, * / // %, **, unary, filters and tests.
/// </summary>
internal sealed partial class ExpressionParser(TokenReader tokens, TemplateChecks checks)
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
}
