using System.Collections.Immutable;
using System.Text;
using Osmo.Workflows.Templates.Syntax;
using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Evaluation;

/// <summary>Runs the statements of a template.</summary>
internal sealed class Renderer
{
    private readonly Budget _budget;
    private readonly ExpressionEvaluator _expressions;
    private readonly Scope _top;
    /// <summary>What a piece of output takes before anything is written to it.</summary>
    private const int CaptureSize = 128;

    private readonly LineOrigins _origins;

    private StringBuilder _output = new();
    private int _captures;

    public Renderer(TemplateValues variables, Budget budget)
    {
        _budget = budget;
        _origins = new LineOrigins(budget);
        _expressions = new ExpressionEvaluator(budget);
        _top = new Scope(variables, budget).Inner();
    }

    public TemplateResult.Rendered Render(ImmutableArray<Statement> template)
    {
        Run(template, _top);
        return new TemplateResult.Rendered(_output.ToString()) { Lines = _origins.Lines };
    }

    /// <summary>What a body prints.</summary>
    public string Capture(ImmutableArray<Statement> body, Scope scope) => Capture(() => Run(body, scope));

    private void Run(ImmutableArray<Statement> statements, Scope scope)
    {
        _budget.Enter();
        foreach (var statement in statements)
        {
            try
            {
                Run(statement, scope);
            }
            catch (TemplateException e) when (e.Line == 0)
            {
                e.Line = statement.Line;
                throw;
            }
        }

        _budget.Leave();
    }

    private void Run(Statement statement, Scope scope)
    {
        _budget.Step();
        switch (statement)
        {
            case Statement.Text text:
                Emit(text.Content, text.Line, isVerbatim: true);
                break;
            case Statement.Print print:
                foreach (var value in print.Values)
                {
                    Emit(PythonRepr.Text(_expressions.Evaluate(value, scope), _budget), print.Line);
                }

                break;
            case Statement.If branch:
                RunIf(branch, scope);
                break;
            case Statement.For loop:
                RunFor(loop, _expressions.Evaluate(loop.Items, scope), scope, depth: 1);
                break;
            case Statement.Set set:
                Assign(set.Target, _expressions.Evaluate(set.Value, scope), scope);
                break;
            case Statement.SetBlock set:
                Assign(set.Target, ApplyFilters(Capture(set.Body, scope.Inner()), set.Filters, scope), scope);
                break;
            case Statement.With with:
                RunWith(with, scope);
                break;
            case Statement.Macro macro:
                scope[macro.Definition.Name] = Macro(macro.Definition, scope);
                break;
            case Statement.Call call:
                RunCall(call, scope);
                break;
            case Statement.FilterBlock block:
                Emit(PythonRepr.Text(ApplyFilters(Capture(block.Body, scope.Inner()), block.Filters, scope), _budget), block.Line);
                break;
            case Statement.Block block:
                Run(block.Body, (block.IsScoped ? scope : _top).Inner());
                break;
            case Statement.Load:
                throw TemplateException.Value("no loader for this environment specified");
            default:
                throw new ArgumentOutOfRangeException(nameof(statement), statement.GetType(), "Unknown statement.");
        }
    }

    private void Emit(string text, int line, bool isVerbatim = false)
    {
        _budget.AllocateText(text.Length);
        _output.Append(text);
        if (_captures == 0)
        {
            _origins.Add(text, line, isVerbatim);
        }
    }

    private object? ApplyFilters(object? value, ImmutableArray<FilterCall> filters, Scope scope)
    {
        foreach (var filter in filters)
        {
            value = _expressions.ApplyFilter(filter, value, scope);
        }

        return value;
    }

    private void RunIf(Statement.If branch, Scope scope)
    {
        foreach (var (test, body) in branch.Branches)
        {
            if (Operators.IsTrue(_expressions.Evaluate(test, scope)))
            {
                Run(body, scope);
                return;
            }
        }

        Run(branch.Else, scope);
    }

    private void RunFor(Statement.For loop, object? over, Scope scope, int depth)
    {
        var items = loop.Test is { } test ? Selected(loop.Target, test, over, scope) : Operators.Iterate(over, _budget);
        using var each = items.GetEnumerator();
        Func<object?, string>? recurse = loop.Recursive ? nested => Capture(() => RunFor(loop, nested, scope, depth + 1)) : null;
        var context = new LoopContext(each, () => loop.Test is null ? Operators.TryLength(over) : null, depth, recurse, _budget);
        while (context.MoveNext())
        {
            var inner = scope.Inner();
            inner["loop"] = context;
            Assign(loop.Target, context.Current, inner);
            Run(loop.Body, inner);
            inner.End();
        }

        if (context.Index0 < 0)
        {
            Run(loop.Else, scope.Inner());
        }
    }

    private string Capture(Action run)
    {
        var outer = _output;
        _budget.Allocate(CaptureSize);
        _output = new StringBuilder();
        _captures++;
        run();
        _captures--;
        var text = _output.ToString();
        _output = outer;
        return text;
    }

    private IEnumerable<object?> Selected(Target target, Expression test, object? over, Scope scope)
    {
        foreach (var item in Operators.Iterate(over, _budget))
        {
            var inner = scope.Inner();
            Assign(target, item, inner);
            if (Operators.IsTrue(_expressions.Evaluate(test, inner)))
            {
                yield return item;
            }
        }
    }

    private void RunWith(Statement.With with, Scope scope)
    {
        var inner = scope.Inner();
        foreach (var (target, value) in with.Names)
        {
            Assign(target, _expressions.Evaluate(value, scope), inner);
        }

        Run(with.Body, inner);
    }

    private void RunCall(Statement.Call call, Scope scope)
    {
        var function = _expressions.Evaluate(call.Called.Callee, scope);
        var arguments = _expressions.Arguments(call.Called.Arguments, scope);
        var named = arguments.Named.Add(("caller", Macro(call.Caller, scope)));
        Emit(PythonRepr.Text(_expressions.Call(function, arguments with { Named = named }), _budget), call.Line);
    }

    private MacroFunction Macro(MacroDefinition macro, Scope scope)
    {
        scope.Keep();
        return new(macro, arguments =>
        {
            var inner = scope.Inner();
            MacroBinding.Bind(macro, arguments, inner, _expressions, _budget);
            return Capture(macro.Body, inner);
        });
    }

    private void Assign(Target target, object? value, Scope scope)
    {
        switch (target)
        {
            case Target.Name name:
                scope[name.Value] = value;
                break;
            case Target.NamespaceAttribute attribute:
                var space = Operators.Defined(scope.Get(attribute.Namespace)) as Namespace
                    ?? throw TemplateException.Value("cannot assign attribute on non-namespace object");
                space.Attributes.Set(attribute.Attribute, value, _budget);
                break;
            case Target.Tuple tuple:
                Unpack(tuple, value, scope);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(target), target.GetType(), "Unknown target.");
        }
    }

    private void Unpack(Target.Tuple tuple, object? value, Scope scope)
    {
        var items = new List<object?>(tuple.Items.Length);
        foreach (var item in Operators.Iterate(value, _budget))
        {
            items.Add(item);
            if (items.Count > tuple.Items.Length)
            {
                throw TemplateException.Value($"too many values to unpack (expected {tuple.Items.Length})");
            }
        }

        if (items.Count < tuple.Items.Length)
        {
            throw TemplateException.Value($"not enough values to unpack (expected {tuple.Items.Length}, got {items.Count})");
        }

        for (var i = 0; i < items.Count; i++)
        {
            Assign(tuple.Items[i], items[i], scope);
        }
    }
}
