using System.Collections.Immutable;
using System.Globalization;
using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>Names, literals, and what stands in brackets.</summary>
internal sealed partial class ExpressionParser
{
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
}
