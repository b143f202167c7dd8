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
    private readonly Scope _global;
    private StringBuilder _output = new();

    public Renderer(TemplateValues variables, Budget budget)
    {
        _budget = budget;
        _expressions = new ExpressionEvaluator(budget);
        var builtIn = new Scope(null);
        foreach (var (name, function) in Globals.All(budget))
        {
            builtIn[name] = function;
        }

        _global = new Scope(builtIn);
        foreach (var (name, value) in variables.ByName)
        {
            _global[name] = PythonTypes.From(value);
        }
    }

    public string Render(ImmutableArray<Statement> template)
    {
        Run(template, new Scope(_global));
        return _output.ToString();
    }

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
                Emit(text.Content);
                break;
            case Statement.Print print:
                Emit(Operators.ToText(_expressions.Evaluate(print.Value, scope)));
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
                Assign(set.Target, ApplyFilters(Capture(set.Body, new Scope(scope)), set.Filters, scope), scope);
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
                Emit(Operators.ToText(ApplyFilters(Capture(block.Body, new Scope(scope)), block.Filters, scope)));
                break;
            case Statement.Block block:
                Run(block.Body, new Scope(scope));
                break;
            case Statement.Load:
                throw TemplateException.Value("no loader for this environment specified");
            default:
                throw new ArgumentOutOfRangeException(nameof(statement), statement.GetType(), "Unknown statement.");
        }
    }

    private void Emit(string text)
    {
        _budget.Allocate(2L * text.Length);
        _output.Append(text);
    }

    private string Capture(ImmutableArray<Statement> body, Scope scope)
    {
        var outer = _output;
        _output = new StringBuilder();
        Run(body, scope);
        var text = _output.ToString();
        _output = outer;
        return text;
    }

    private object? ApplyFilters(object? value, ImmutableArray<FilterCall> filters, Scope scope) =>
        filters.Aggregate(value, (current, filter) => _expressions.ApplyFilter(filter, current, scope));

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
        var items = Items(loop, over, scope);
        var recurse = loop.Recursive
            ? new Function("loop", arguments => CaptureLoop(loop, arguments.Bind("loop", 1, "iterable")[0], scope, depth + 1))
            : null;
        var context = new LoopContext(items, depth, recurse);
        for (var i = 0; i < items.Count; i++)
        {
            _budget.Step();
            context.Index0 = i;
            var inner = new Scope(scope);
            inner["loop"] = context;
            Assign(loop.Target, items[i], inner);
            Run(loop.Body, inner);
        }

        if (items.Count == 0)
        {
            Run(loop.Else, new Scope(scope));
        }
    }

    private string CaptureLoop(Statement.For loop, object? over, Scope scope, int depth)
    {
        var outer = _output;
        _output = new StringBuilder();
        RunFor(loop, over, scope, depth);
        var text = _output.ToString();
        _output = outer;
        return text;
    }

    private List<object?> Items(Statement.For loop, object? over, Scope scope)
    {
        var items = new List<object?>();
        foreach (var item in Operators.Iterate(over))
        {
            _budget.Step();
            _budget.Allocate(8);
            if (loop.Test is not null)
            {
                var inner = new Scope(scope);
                Assign(loop.Target, item, inner);
                if (!Operators.IsTrue(_expressions.Evaluate(loop.Test, inner)))
                {
                    continue;
                }
            }

            items.Add(item);
        }

        return items;
    }

    private void RunWith(Statement.With with, Scope scope)
    {
        var inner = new Scope(scope);
        foreach (var (target, value) in with.Names)
        {
            Assign(target, _expressions.Evaluate(value, scope), inner);
        }

        Run(with.Body, inner);
    }

    private void RunCall(Statement.Call call, Scope scope)
    {
        var callee = (Expression.Call)call.Callee;
        var function = _expressions.Evaluate(callee.Callee, scope);
        var arguments = _expressions.Arguments(callee.Arguments, scope);
        var caller = Macro(call.Caller, scope);
        Emit(Operators.ToText(_expressions.Call(function, arguments with { Named = arguments.Named.Add(("caller", caller)) })));
    }

    private Function Macro(MacroDefinition macro, Scope scope) =>
        new(macro.Name, arguments => CallMacro(macro, arguments, scope), "Macro")
        {
            Attributes = new Dictionary<string, object?>
            {
                ["name"] = macro.Name,
                ["arguments"] = new PyTuple([.. macro.Parameters]),
                ["catch_kwargs"] = macro.UsesKwargs,
                ["catch_varargs"] = macro.UsesVarargs,
                ["caller"] = macro.UsesCaller,
            },
        };

    private string CallMacro(MacroDefinition macro, CallArguments arguments, Scope defined)
    {
        var scope = new Scope(defined);
        BindParameters(macro, arguments, scope);
        return Capture(macro.Body, scope);
    }

    private void BindParameters(MacroDefinition macro, CallArguments arguments, Scope scope)
    {
        var named = arguments.Named.ToDictionary(argument => argument.Name, argument => argument.Value, StringComparer.Ordinal);
        var firstDefault = macro.Parameters.Length - macro.Defaults.Length;
        for (var i = 0; i < macro.Parameters.Length; i++)
        {
            var name = macro.Parameters[i];
            if (i < arguments.Positional.Length)
            {
                scope[name] = arguments.Positional[i];
            }
            else if (named.Remove(name, out var value))
            {
                scope[name] = value;
            }
            else
            {
                scope[name] = i >= firstDefault
                    ? _expressions.Evaluate(macro.Defaults[i - firstDefault], scope)
                    : new Undefined($"parameter '{name}' was not provided");
            }
        }

        var caller = named.Remove("caller", out var given) ? given : null;
        if (macro.UsesCaller)
        {
            scope["caller"] = caller ?? new Undefined("No caller defined");
        }
        else if (caller is not null)
        {
            throw TemplateException.Value($"macro '{macro.Name}' was invoked with two values for the special caller argument. This is most likely a bug.");
        }

        BindRest(macro, arguments, named, scope);
    }

    private static void BindRest(MacroDefinition macro, CallArguments arguments, Dictionary<string, object?> named, Scope scope)
    {
        if (macro.UsesKwargs)
        {
            scope["kwargs"] = new PyDict(named.Select(pair => new KeyValuePair<object?, object?>(pair.Key, pair.Value)));
        }
        else if (named.Count > 0)
        {
            throw TemplateException.Value($"macro '{macro.Name}' takes no keyword argument '{named.Keys.First()}'");
        }

        if (macro.UsesVarargs)
        {
            scope["varargs"] = new PyTuple([.. arguments.Positional.Skip(macro.Parameters.Length)]);
        }
        else if (arguments.Positional.Length > macro.Parameters.Length)
        {
            throw TemplateException.Value($"macro '{macro.Name}' takes not more than {macro.Parameters.Length} argument(s)");
        }
    }

    private static void Assign(Target target, object? value, Scope scope)
    {
        switch (target)
        {
            case Target.Name name:
                scope[name.Value] = value;
                break;
            case Target.NamespaceAttribute attribute:
                if (scope.Get(attribute.Namespace) is not Namespace space)
                {
                    throw TemplateException.Value("cannot assign attribute on non-namespace object");
                }

                space.Attributes[attribute.Attribute] = value;
                break;
            case Target.Tuple tuple:
                Unpack(tuple, value, scope);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(target), target.GetType(), "Unknown target.");
        }
    }

    private static void Unpack(Target.Tuple tuple, object? value, Scope scope)
    {
        var items = Operators.Iterate(value).ToList();
        if (items.Count != tuple.Items.Length)
        {
            throw TemplateException.Value(items.Count > tuple.Items.Length
                ? $"too many values to unpack (expected {tuple.Items.Length})"
                : $"not enough values to unpack (expected {tuple.Items.Length}, got {items.Count})");
        }

        for (var i = 0; i < items.Count; i++)
        {
            Assign(tuple.Items[i], items[i], scope);
        }
    }
}
