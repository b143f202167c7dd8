using Osmo.Workflows.Templates.Syntax;
using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Evaluation;

/// <summary>Gives the parameters of a macro the values of a call.</summary>
internal static class MacroBinding
{
    public static void Bind(MacroDefinition macro, CallArguments arguments, Scope scope, ExpressionEvaluator expressions, Budget budget)
    {
        var named = new OrderedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in arguments.Named)
        {
            named[name] = value;
        }

        BindParameters(macro, arguments, named, scope, expressions);
        BindCaller(macro, named, scope);
        BindRest(macro, arguments, named, scope, budget);
    }

    private static void BindParameters(
        MacroDefinition macro, CallArguments arguments, OrderedDictionary<string, object?> named, Scope scope, ExpressionEvaluator expressions)
    {
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
                    ? expressions.Evaluate(macro.Defaults[i - firstDefault], scope)
                    : Undefined.Because($"parameter '{name}' was not provided");
            }
        }
    }

    private static void BindCaller(MacroDefinition macro, OrderedDictionary<string, object?> named, Scope scope)
    {
        if (macro.UsesCaller && !macro.Parameters.Contains("caller"))
        {
            scope["caller"] = named.Remove("caller", out var given) && given is not null ? given : Undefined.Because("No caller defined");
        }
    }

    private static void BindRest(
        MacroDefinition macro, CallArguments arguments, OrderedDictionary<string, object?> named, Scope scope, Budget budget)
    {
        if (macro.UsesKwargs)
        {
            var rest = new PyDict();
            foreach (var (name, value) in named)
            {
                rest.Set(name, value, budget);
            }

            scope["kwargs"] = rest;
        }
        else if (named.Count > 0)
        {
            throw TemplateException.Value(named.ContainsKey("caller")
                ? $"macro '{macro.Name}' was invoked with two values for the special caller argument. This is most likely a bug."
                : $"macro '{macro.Name}' takes no keyword argument '{named.GetAt(0).Key}'");
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
}
