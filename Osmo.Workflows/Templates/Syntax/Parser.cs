using System.Collections.Immutable;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>Statements of a template: text, print tags, and block tags with their bodies.</summary>
internal sealed class Parser
{
    private readonly TokenReader _tokens;
    private readonly TemplateChecks _checks = new();
    private readonly ExpressionParser _expressions;
    private readonly Targets _targets;
    private readonly Stack<string> _open = new();
    private readonly Stack<string[]> _ends = new();
    private readonly HashSet<string> _blocks = new(StringComparer.Ordinal);

    public Parser(List<Token> tokens, Budget budget)
    {
        _tokens = new TokenReader(tokens, budget);
        _expressions = new ExpressionParser(_tokens, _checks);
        _targets = new Targets(_tokens, _expressions);
    }

    public ImmutableArray<Statement> ParseTemplate()
    {
        _tokens.ThrowIfFault();
        var statements = Statements();
        _checks.ThrowIfAny();
        return statements;
    }

    /// <summary>The body of the current tag, after which one of the end tags is current: its name, not its <c>%}</c>.</summary>
    private ImmutableArray<Statement> Body(params string[] ends)
    {
        _tokens.Expect(TokenKind.BlockEnd);
        _ends.Push(ends);
        var body = Statements();
        _ends.Pop();
        return body;
    }

    /// <summary>A body with one end tag, which is taken. It is checked for itself, as if it did not stand in a condition.</summary>
    private ImmutableArray<Statement> OwnBody(string end)
    {
        using var hard = _checks.Hard();
        return LastBody(end);
    }

    private ImmutableArray<Statement> LastBody(string end)
    {
        var body = Body(end);
        _tokens.Take();
        return body;
    }

    private ImmutableArray<Statement> Statements()
    {
        _tokens.Enter();
        var statements = ImmutableArray.CreateBuilder<Statement>();
        while (true)
        {
            var token = _tokens.Current;
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new Statement.Text(_tokens.Take().Text, token.Line));
                    continue;
                case TokenKind.VariableBegin:
                    _tokens.Take();
                    statements.Add(new Statement.Print([_expressions.ParseTuple()], token.Line));
                    _tokens.Expect(TokenKind.VariableEnd);
                    continue;
                case TokenKind.BlockBegin:
                    _tokens.Take();
                    if (!IsEnd(_tokens.Current))
                    {
                        statements.Add(Tag());
                        _tokens.Expect(TokenKind.BlockEnd);
                        continue;
                    }

                    break;
                default:
                    if (_ends.Count > 0)
                    {
                        throw UnknownTag(null);
                    }

                    break;
            }

            _tokens.Leave();
            return statements.ToImmutable();
        }
    }

    private bool IsEnd(Token token) => token.Kind == TokenKind.Name && _ends.TryPeek(out var ends) && ends.Contains(token.Text);

    private Statement Tag()
    {
        var name = _tokens.Current.Kind == TokenKind.Name ? _tokens.Current : throw _tokens.Error("tag name expected");
        Func<int, Statement> parse = name.Text switch
        {
            "for" => For,
            "if" => If,
            "set" => Set,
            "with" => With,
            "macro" => Macro,
            "call" => Call,
            "filter" => FilterBlock,
            "block" => Block,
            "print" => Print,
            "include" or "import" or "extends" or "from" => Load,
            _ => throw UnknownTag(name),
        };
        _tokens.Take();
        _open.Push(name.Text);
        var statement = parse(name.Line);
        _open.Pop();
        return statement;
    }

    /// <param name="name">Null at the end of the template.</param>
    private TemplateException UnknownTag(Token? name)
    {
        var message = name is { } tag ? $"Encountered unknown tag '{tag.Text}'." : "Unexpected end of template.";
        if (_ends.TryPeek(out var ends))
        {
            var wanted = string.Join(" or ", ends.Select(end => $"'{end}'"));
            message += name is { } known && _ends.Any(outer => outer.Contains(known.Text))
                ? $" You probably made a nesting mistake. Jinja is expecting this tag, but currently looking for {wanted}."
                : $" Jinja was looking for the following tags: {wanted}.";
        }

        return _tokens.Error(_open.TryPeek(out var open) ? $"{message} The innermost block that needs to be closed is '{open}'." : message);
    }

    private Statement.For For(int line)
    {
        var start = _targets.Assigned.Count;
        var target = _targets.Parse("in");
        _tokens.ExpectName("in");
        var items = _expressions.ParseTuple(withCondition: false, endsAt: "recursive");
        using var hard = _checks.Hard();
        var test = _tokens.TakeName("if") ? _expressions.Parse() : null;
        var recursive = _tokens.TakeName("recursive");
        var body = Body("endfor", "else");
        ImmutableArray<Statement> otherwise = [];
        if (_tokens.Take().Text == "else")
        {
            otherwise = LastBody("endfor");
        }

        if (_targets.Assigned.IndexOf("loop", start) >= 0)
        {
            _checks.Fail("Can't assign to special loop variable in for-loop target", line);
        }

        return new Statement.For(target, items, test, recursive, body, otherwise, line);
    }

    private Statement.If If(int line)
    {
        using var soft = _checks.Soft();
        var branches = ImmutableArray.CreateBuilder<(Expression, ImmutableArray<Statement>)>();
        while (true)
        {
            var test = _expressions.ParseTuple(withCondition: false);
            branches.Add((test, Body("elif", "else", "endif")));
            var end = _tokens.Take().Text;
            if (end != "elif")
            {
                return new Statement.If(branches.ToImmutable(), end == "else" ? LastBody("endif") : [], line);
            }
        }
    }

    private Statement Set(int line)
    {
        var target = _targets.Parse(withNamespace: true);
        if (_tokens.TakeOperator("="))
        {
            return new Statement.Set(target, _expressions.ParseTuple(), line);
        }

        var filters = Filters();
        return new Statement.SetBlock(target, filters, OwnBody("endset"), line);
    }

    private ImmutableArray<FilterCall> Filters()
    {
        var filters = ImmutableArray.CreateBuilder<FilterCall>();
        while (_tokens.TakeOperator("|"))
        {
            filters.Add(_expressions.ParseFilterCall());
        }

        return filters.ToImmutable();
    }

    private Statement.With With(int line)
    {
        var names = ImmutableArray.CreateBuilder<(Target, Expression)>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (names.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            var target = _targets.Parse();
            _tokens.ExpectOperator("=");
            names.Add((target, _expressions.Parse()));
        }

        return new Statement.With(names.ToImmutable(), OwnBody("endwith"), line);
    }

    private Statement.Macro Macro(int line)
    {
        var name = _tokens.Expect(TokenKind.Name).Text;
        var signature = Signature(name);
        return new Statement.Macro(MacroBody(signature, "endmacro"), line);
    }

    private Statement.Call Call(int line)
    {
        var signature = _tokens.Current.IsOperator("(") ? Signature("caller") : new MacroDefinition("caller", [], [], [], false, false, false);
        var called = _expressions.Parse() as Expression.Call ?? throw TemplateException.Syntax("expected call", line);
        return new Statement.Call(called, MacroBody(signature, "endcall"), line);
    }

    private MacroDefinition Signature(string name)
    {
        _tokens.ExpectOperator("(");
        var parameters = ImmutableArray.CreateBuilder<string>();
        var defaults = ImmutableArray.CreateBuilder<Expression>();
        while (!_tokens.Current.IsOperator(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            parameters.Add(_targets.Name());
            if (_tokens.TakeOperator("="))
            {
                defaults.Add(_expressions.Parse());
            }
            else if (defaults.Count > 0)
            {
                throw _tokens.Error("non-default argument follows default argument");
            }
        }

        _tokens.Take();
        return new MacroDefinition(name, parameters.ToImmutable(), defaults.ToImmutable(), [], false, false, false);
    }

    private MacroDefinition MacroBody(MacroDefinition signature, string end)
    {
        var start = _checks.LoadMark();
        var body = OwnBody(end);
        return signature with
        {
            Body = body,
            UsesCaller = _checks.LoadedSince(start, "caller"),
            UsesVarargs = _checks.LoadedSince(start, "varargs"),
            UsesKwargs = _checks.LoadedSince(start, "kwargs"),
        };
    }

    private Statement.FilterBlock FilterBlock(int line)
    {
        ImmutableArray<FilterCall> filters = [_expressions.ParseFilterCall(), .. Filters()];
        return new Statement.FilterBlock(filters, OwnBody("endfilter"), line);
    }

    private Statement.Block Block(int line)
    {
        var name = _tokens.Expect(TokenKind.Name).Text;
        var isScoped = _tokens.TakeName("scoped");
        _tokens.TakeName("required");
        if (_tokens.Current.IsOperator("-"))
        {
            throw _tokens.Error("Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.");
        }

        if (!_blocks.Add(name))
        {
            _checks.FailFirst($"block '{name}' defined twice", line);
        }

        var body = OwnBody("endblock");
        _tokens.TakeName(name);
        return new Statement.Block(body, isScoped, line);
    }

    private Statement.Print Print(int line)
    {
        var values = ImmutableArray.CreateBuilder<Expression>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (values.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            values.Add(_expressions.Parse());
        }

        return new Statement.Print(values.ToImmutable(), line);
    }

    private Statement.Load Load(int line)
    {
        while (_tokens.Current.Kind is not (TokenKind.BlockEnd or TokenKind.End))
        {
            _tokens.Take();
        }

        return new Statement.Load(line);
    }
}
