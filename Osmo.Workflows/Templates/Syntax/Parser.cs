using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Syntax;

/// <summary>Statements of a template: text, print tags, and block tags with their bodies.</summary>
internal sealed class Parser
{
    private static readonly string[] NoEnd = [];

    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private readonly Stack<string> _open = new();

    public Parser(List<Token> tokens)
    {
        _tokens = new TokenReader(tokens);
        _expressions = new ExpressionParser(_tokens);
    }

    public ImmutableArray<Statement> ParseTemplate() => Body(NoEnd);

    /// <summary>Statements up to one of the end tags, whose name is then the current token; at top level up to the end.</summary>
    private ImmutableArray<Statement> Body(params string[] ends)
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
                    break;
                case TokenKind.VariableBegin:
                    _tokens.Take();
                    statements.Add(new Statement.Print(_expressions.ParseTuple(), token.Line));
                    _tokens.Expect(TokenKind.VariableEnd);
                    break;
                case TokenKind.BlockBegin:
                    _tokens.Take();
                    if (_tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Text))
                    {
                        _tokens.Leave();
                        return statements.ToImmutable();
                    }

                    statements.Add(Tag(_tokens.Expect(TokenKind.Name), ends));
                    _tokens.Expect(TokenKind.BlockEnd);
                    break;
                default:
                    if (ends.Length > 0)
                    {
                        throw _tokens.Error(
                            $"Unexpected end of template. Jinja was looking for the following tags: {Quoted(ends)}. "
                            + $"The innermost block that needs to be closed is '{_open.Peek()}'.");
                    }

                    _tokens.Leave();
                    return statements.ToImmutable();
            }
        }
    }

    private Statement Tag(Token name, string[] ends)
    {
        _open.Push(name.Text);
        Statement statement = name.Text switch
        {
            "for" => For(name.Line),
            "if" => If(name.Line),
            "set" => Set(name.Line),
            "with" => With(name.Line),
            "macro" => Macro(name.Line),
            "call" => Call(name.Line),
            "filter" => FilterBlock(name.Line),
            "block" => Block(name.Line),
            "print" => new Statement.Print(_expressions.ParseTuple(), name.Line),
            "include" or "import" or "extends" or "from" => Load(name.Line),
            _ => throw UnknownTag(name, ends),
        };
        _open.Pop();
        return statement;
    }

    private TemplateException UnknownTag(Token name, string[] ends)
    {
        _open.Pop();
        var message = $"Encountered unknown tag '{name.Text}'.";
        if (ends.Length > 0)
        {
            message += $" Jinja was looking for the following tags: {Quoted(ends)}. The innermost block that needs to be closed is '{_open.Peek()}'.";
        }

        return new TemplateException(TemplateFault.Syntax, message, name.Line);
    }

    private static string Quoted(string[] names) => string.Join(" or ", names.Select(name => $"'{name}'"));

    private Statement.For For(int line)
    {
        var target = AssignmentTarget(() => _tokens.Current.IsName("in"));
        if (!_tokens.TakeName("in"))
        {
            throw _tokens.Error($"expected token 'in', got '{_tokens.Current.Description}'");
        }

        var items = _expressions.ParseTuple(withCondition: false, endsAt: () => _tokens.Current.IsName("recursive"));
        var test = _tokens.TakeName("if") ? _expressions.Parse() : null;
        var recursive = _tokens.TakeName("recursive");
        _tokens.Expect(TokenKind.BlockEnd);
        var body = Body("endfor", "else");
        ImmutableArray<Statement> otherwise = [];
        if (_tokens.Take().Text == "else")
        {
            _tokens.Expect(TokenKind.BlockEnd);
            otherwise = Body("endfor");
            _tokens.Take();
        }

        return new Statement.For(target, items, test, recursive, body, otherwise, line);
    }

    private Statement.If If(int line)
    {
        var branches = ImmutableArray.CreateBuilder<(Expression, ImmutableArray<Statement>)>();
        while (true)
        {
            var test = _expressions.ParseTuple(withCondition: false);
            _tokens.Expect(TokenKind.BlockEnd);
            branches.Add((test, Body("elif", "else", "endif")));
            var end = _tokens.Take().Text;
            if (end == "elif")
            {
                continue;
            }

            ImmutableArray<Statement> otherwise = [];
            if (end == "else")
            {
                _tokens.Expect(TokenKind.BlockEnd);
                otherwise = Body("endif");
                _tokens.Take();
            }

            return new Statement.If(branches.ToImmutable(), otherwise, line);
        }
    }

    private Statement Set(int line)
    {
        var target = AssignmentTarget(() => _tokens.Current.IsOperator("=") || _tokens.Current.IsOperator("|"));
        if (_tokens.TakeOperator("="))
        {
            return new Statement.Set(target, _expressions.ParseTuple(), line);
        }

        var filters = Filters();
        _tokens.Expect(TokenKind.BlockEnd);
        var body = Body("endset");
        _tokens.Take();
        return new Statement.SetBlock(target, filters, body, line);
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

            var target = new Target.Name(_tokens.Expect(TokenKind.Name).Text);
            _tokens.ExpectOperator("=");
            names.Add((target, _expressions.Parse()));
        }

        _tokens.Expect(TokenKind.BlockEnd);
        var body = Body("endwith");
        _tokens.Take();
        return new Statement.With(names.ToImmutable(), body, line);
    }

    private Statement.Macro Macro(int line)
    {
        var name = _tokens.Expect(TokenKind.Name).Text;
        var definition = Signature(name);
        _tokens.Expect(TokenKind.BlockEnd);
        var start = _tokens.Position;
        var body = Body("endmacro");
        _tokens.Take();
        return new Statement.Macro(WithBody(definition, body, start), line);
    }

    private Statement.Call Call(int line)
    {
        var signature = _tokens.Current.IsOperator("(") ? Signature("caller") : new MacroDefinition("caller", [], [], [], false, false, false);
        var callee = _expressions.Parse();
        if (callee is not Expression.Call)
        {
            throw _tokens.Error("expected call");
        }

        _tokens.Expect(TokenKind.BlockEnd);
        var start = _tokens.Position;
        var body = Body("endcall");
        _tokens.Take();
        return new Statement.Call(callee, WithBody(signature, body, start), line);
    }

    private MacroDefinition Signature(string name)
    {
        _tokens.ExpectOperator("(");
        var parameters = ImmutableArray.CreateBuilder<string>();
        var defaults = ImmutableArray.CreateBuilder<Expression>();
        while (!_tokens.TakeOperator(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            parameters.Add(_tokens.Expect(TokenKind.Name).Text);
            if (_tokens.TakeOperator("="))
            {
                defaults.Add(_expressions.Parse());
            }
            else if (defaults.Count > 0)
            {
                throw _tokens.Error("non-default argument follows default argument");
            }
        }

        return new MacroDefinition(name, parameters.ToImmutable(), defaults.ToImmutable(), [], false, false, false);
    }

    private MacroDefinition WithBody(MacroDefinition definition, ImmutableArray<Statement> body, int start) => definition with
    {
        Body = body,
        UsesCaller = _tokens.Mentions(start, "caller"),
        UsesVarargs = _tokens.Mentions(start, "varargs"),
        UsesKwargs = _tokens.Mentions(start, "kwargs"),
    };

    private Statement.FilterBlock FilterBlock(int line)
    {
        var filters = ImmutableArray.CreateBuilder<FilterCall>();
        filters.Add(_expressions.ParseFilterCall());
        filters.AddRange(Filters());
        _tokens.Expect(TokenKind.BlockEnd);
        var body = Body("endfilter");
        _tokens.Take();
        return new Statement.FilterBlock(filters.ToImmutable(), body, line);
    }

    private Statement.Block Block(int line)
    {
        var name = _tokens.Expect(TokenKind.Name).Text;
        while (_tokens.TakeName("scoped") || _tokens.TakeName("required"))
        {
        }

        _tokens.Expect(TokenKind.BlockEnd);
        var body = Body("endblock");
        _tokens.Take();
        _tokens.TakeName(name);
        return new Statement.Block(body, line);
    }

    private Statement.Load Load(int line)
    {
        while (_tokens.Current.Kind is not (TokenKind.BlockEnd or TokenKind.End))
        {
            _tokens.Take();
        }

        return new Statement.Load(line);
    }

    private Target AssignmentTarget(Func<bool> endsAt)
    {
        var targets = ImmutableArray.CreateBuilder<Target>();
        var isTuple = false;
        while (!endsAt() && _tokens.Current.Kind != TokenKind.BlockEnd)
        {
            targets.Add(SingleTarget());
            if (!_tokens.TakeOperator(","))
            {
                break;
            }

            isTuple = true;
        }

        return targets.Count switch
        {
            0 => throw _tokens.Error($"expected token 'name', got '{_tokens.Current.Description}'"),
            1 when !isTuple => targets[0],
            _ => new Target.Tuple(targets.ToImmutable()),
        };
    }

    private Target SingleTarget()
    {
        if (_tokens.TakeOperator("("))
        {
            var inner = AssignmentTarget(() => _tokens.Current.IsOperator(")"));
            _tokens.ExpectOperator(")");
            return inner;
        }

        var name = _tokens.Expect(TokenKind.Name);
        if (name.Text is "true" or "false" or "none" or "True" or "False" or "None")
        {
            throw new TemplateException(TemplateFault.Syntax, $"can't assign to '{name.Text.ToLowerInvariant()}'", name.Line);
        }

        return _tokens.TakeOperator(".") ? new Target.NamespaceAttribute(name.Text, _tokens.Expect(TokenKind.Name).Text) : new Target.Name(name.Text);
    }
}
