using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Values;

/// <summary>A value with attributes of its own, or that can be called.</summary>
internal abstract class PyObject
{
    public abstract string TypeName { get; }

    /// <summary>The type's name as messages about missing attributes give it.</summary>
    public virtual string QualifiedName => TypeName;

    public virtual bool IsCallable => false;

    public virtual bool TryAttribute(string name, out object? value)
    {
        value = null;
        return false;
    }

    public virtual object? Call(CallArguments arguments) => throw TemplateException.Value($"'{TypeName}' object is not callable");

    /// <summary>How it prints.</summary>
    public virtual string Repr() => $"<{TypeName}>";
}

/// <summary>A method of a value or a global function.</summary>
internal sealed class Function(string name, Func<CallArguments, object?> body) : PyObject
{
    public override string TypeName => "builtin_function_or_method";

    public override bool IsCallable => true;

    public override object? Call(CallArguments arguments) => body(arguments);

    public override string Repr() => $"<built-in function {name}>";
}

internal sealed class MacroFunction(Syntax.MacroDefinition definition, Func<CallArguments, string> body) : PyObject
{
    public override string TypeName => "Macro";

    public override string QualifiedName => "jinja2.runtime.Macro";

    public override bool IsCallable => true;

    public override object? Call(CallArguments arguments) => body(arguments);

    public override bool TryAttribute(string name, out object? value)
    {
        value = name switch
        {
            "name" => definition.Name,
            "arguments" => new PyTuple([.. definition.Parameters]),
            "catch_kwargs" => definition.UsesKwargs,
            "catch_varargs" => definition.UsesVarargs,
            "caller" => definition.UsesCaller,
            "explicit_caller" => definition.Parameters.Contains("caller"),
            _ => null,
        };
        return value is not null;
    }

    public override string Repr() => $"<Macro '{definition.Name}'>";
}

/// <summary><c>namespace()</c>: names that a template may assign to from anywhere.</summary>
internal sealed class Namespace(PyDict attributes) : PyObject
{
    public PyDict Attributes { get; } = attributes;

    public override string TypeName => "Namespace";

    public override string QualifiedName => "jinja2.utils.Namespace";

    public override bool TryAttribute(string name, out object? value) => Attributes.TryGet(name, out value);
}

/// <summary><c>cycler(...)</c></summary>
internal sealed class Cycler(ImmutableArray<object?> items) : PyObject
{
    private int _position;

    public override string TypeName => "Cycler";

    public override string QualifiedName => "jinja2.utils.Cycler";

    public override bool TryAttribute(string name, out object? value)
    {
        value = name switch
        {
            "next" => new Function(name, arguments => Next(arguments.Only(name, 0))),
            "reset" => new Function(name, arguments => Reset(arguments.Only(name, 0))),
            "current" => items[_position],
            "items" => new PyTuple(items),
            "pos" => (long)_position,
            _ => null,
        };
        return value is not null || name == "current";
    }

    private object? Next(Bound _)
    {
        var item = items[_position];
        _position = (_position + 1) % items.Length;
        return item;
    }

    private object? Reset(Bound _)
    {
        _position = 0;
        return null;
    }
}

/// <summary><c>joiner(sep)</c>: nothing when first called, then the separator.</summary>
internal sealed class Joiner(object? separator) : PyObject
{
    private bool _used;

    public override string TypeName => "Joiner";

    public override string QualifiedName => "jinja2.utils.Joiner";

    public override bool IsCallable => true;

    public override object? Call(CallArguments arguments)
    {
        arguments.Only("joiner", 0);
        var result = _used ? separator : "";
        _used = true;
        return result;
    }
}
