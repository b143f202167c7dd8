namespace Osmo.Workflows.Templates.Syntax;

/// <summary>Filters and tests.</summary>
internal sealed partial class ExpressionParser
{
    /// <summary><c>name</c> or <c>name(arguments)</c> after a '|'.</summary>
    public FilterCall ParseFilterCall()
    {
        var line = tokens.Current.Line;
        var name = DottedName();
        checks.Filter(name, line);
        return new FilterCall(name, tokens.Current.IsOperator("(") ? ParseArguments() : Arguments.None, line);
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
