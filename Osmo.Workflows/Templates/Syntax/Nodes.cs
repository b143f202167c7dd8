using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>A part of a template that produces output or changes names.</summary>
internal abstract record Statement(int Line)
{
    internal sealed record Text(string Content, int Line) : Statement(Line);

    internal sealed record Print(ImmutableArray<Expression> Values, int Line) : Statement(Line);

    internal sealed record If(ImmutableArray<(Expression Test, ImmutableArray<Statement> Body)> Branches, ImmutableArray<Statement> Else, int Line)
        : Statement(Line);

    internal sealed record For(
        Target Target, Expression Items, Expression? Test, bool Recursive, ImmutableArray<Statement> Body, ImmutableArray<Statement> Else, int Line)
        : Statement(Line);

    internal sealed record Set(Target Target, Expression Value, int Line) : Statement(Line);

    internal sealed record SetBlock(Target Target, ImmutableArray<FilterCall> Filters, ImmutableArray<Statement> Body, int Line) : Statement(Line);

    internal sealed record With(ImmutableArray<(Target Target, Expression Value)> Names, ImmutableArray<Statement> Body, int Line) : Statement(Line);

    internal sealed record Macro(MacroDefinition Definition, int Line) : Statement(Line);

    internal sealed record Call(Expression.Call Called, MacroDefinition Caller, int Line) : Statement(Line);

    internal sealed record FilterBlock(ImmutableArray<FilterCall> Filters, ImmutableArray<Statement> Body, int Line) : Statement(Line);

    internal sealed record Block(ImmutableArray<Statement> Body, bool IsScoped, int Line) : Statement(Line);

    /// <summary><c>include</c>, <c>import</c>, <c>from</c>, <c>extends</c>: there is nothing to load from.</summary>
    internal sealed record Load(int Line) : Statement(Line);
}

/// <param name="Defaults">Of the last parameters.</param>
internal sealed record MacroDefinition(
    string Name, ImmutableArray<string> Parameters, ImmutableArray<Expression> Defaults, ImmutableArray<Statement> Body, bool UsesCaller,
    bool UsesVarargs, bool UsesKwargs);

/// <summary>What is assigned to.</summary>
internal abstract record Target
{
    internal sealed record Name(string Value) : Target;

    /// <summary>An attribute of a namespace.</summary>
    internal sealed record NamespaceAttribute(string Namespace, string Attribute) : Target;

    internal sealed record Tuple(ImmutableArray<Target> Items) : Target;
}

internal sealed record FilterCall(string Name, Arguments Arguments, int Line);

internal sealed record Arguments(
    ImmutableArray<Expression> Positional, ImmutableArray<(string Name, Expression Value)> Named, Expression? Spread, Expression? NamedSpread)
{
    public static Arguments None { get; } = new([], [], null, null);
}

internal abstract record Expression(int Line)
{
    internal sealed record Constant(object? Value, int Line) : Expression(Line);

    internal sealed record Variable(string Value, int Line) : Expression(Line);

    internal sealed record ListLiteral(ImmutableArray<Expression> Items, int Line) : Expression(Line);

    internal sealed record TupleLiteral(ImmutableArray<Expression> Items, int Line) : Expression(Line);

    internal sealed record DictLiteral(ImmutableArray<(Expression Key, Expression Value)> Items, int Line) : Expression(Line);

    internal sealed record Negate(Expression Operand, bool IsPlus, int Line) : Expression(Line);

    internal sealed record Binary(BinaryOperator Operator, Expression Left, Expression Right, int Line) : Expression(Line);

    internal sealed record Concat(ImmutableArray<Expression> Parts, int Line) : Expression(Line);

    internal sealed record Comparison(Expression First, ImmutableArray<(ComparisonOperator Operator, Expression Right)> Rest, int Line) : Expression(Line);

    internal sealed record And(Expression Left, Expression Right, int Line) : Expression(Line);

    internal sealed record Or(Expression Left, Expression Right, int Line) : Expression(Line);

    internal sealed record Not(Expression Operand, int Line) : Expression(Line);

    internal sealed record Conditional(Expression Then, Expression Test, Expression? Else, int Line) : Expression(Line);

    internal sealed record Attribute(Expression Of, string Key, int Line) : Expression(Line);

    internal sealed record Item(Expression Of, Expression Key, int Line) : Expression(Line);

    /// <summary>A part of a subscript, such as <c>1:2</c>.</summary>
    internal sealed record Slice(Expression? Start, Expression? Stop, Expression? Step, int Line) : Expression(Line);

    internal sealed record Call(Expression Callee, Arguments Arguments, int Line) : Expression(Line);

    internal sealed record Filter(Expression Operand, FilterCall Applied, int Line) : Expression(Line);

    internal sealed record IsTest(Expression Operand, string Name, Arguments Arguments, int Line) : Expression(Line);
}
