using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>What stands left of an assignment: a name, several in a tuple, or an attribute of a namespace.</summary>
internal sealed class Targets(TokenReader tokens, ExpressionParser expressions)
{
    /// <summary>Every name assigned to so far.</summary>
    public List<string> Assigned { get; } = [];

    /// <param name="endsAt">A name before which the target ends, such as <c>in</c>.</param>
    public Target Parse(string? endsAt = null, bool withNamespace = false)
    {
        if (withNamespace && tokens.Next.IsOperator("."))
        {
            var space = tokens.Expect(TokenKind.Name).Text;
            tokens.Take();
            return new Target.NamespaceAttribute(space, tokens.Expect(TokenKind.Name).Text);
        }

        var parts = ImmutableArray.CreateBuilder<Target>();
        var isTuple = false;
        while (!AtEnd(endsAt))
        {
            parts.Add(Part());
            if (!tokens.TakeOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return parts.Count switch
        {
            0 when !isTuple => throw tokens.Error($"Expected an expression, got '{tokens.Current.Description}'"),
            1 when !isTuple => parts[0],
            _ => new Target.Tuple(parts.ToImmutable()),
        };
    }

    /// <summary>A plain name.</summary>
    public string Name()
    {
        var name = tokens.Expect(TokenKind.Name).Text;
        if (name is "true" or "false" or "none" or "True" or "False" or "None")
        {
            throw tokens.Error("can't assign to 'name'");
        }

        Assigned.Add(name);
        return name;
    }

    private bool AtEnd(string? endsAt) => tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd
        || tokens.Current.IsOperator(")") || (endsAt is not null && tokens.Current.IsName(endsAt));

    private Target Part()
    {
        var line = tokens.Current.Line;
        tokens.Enter();
        var target = Of(expressions.Primary(), line);
        tokens.Leave();
        return target;
    }

    private Target Of(Expression written, int line)
    {
        switch (written)
        {
            case Expression.Variable name:
                Assigned.Add(name.Value);
                return new Target.Name(name.Value);
            case Expression.TupleLiteral tuple:
                return new Target.Tuple([.. tuple.Items.Select(item => Of(item, line))]);
            default:
                throw TemplateException.Syntax($"can't assign to '{Kind(written)}'", line);
        }
    }

    private static string Kind(Expression written) => written switch
    {
        Expression.Constant => "const",
        Expression.ListLiteral => "list",
        Expression.DictLiteral => "dict",
        _ => "expression",
    };
}
