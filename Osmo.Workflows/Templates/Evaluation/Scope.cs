using Osmo.Workflows.Templates.Values;

namespace Osmo.Workflows.Templates.Evaluation;

/// <summary>Names that are visible at a place of the template. Assignments stay in the innermost scope.</summary>
internal sealed class Scope(Scope? outer, TemplateValues variables, Budget budget)
{
    /// <summary>Names of one scope are few: looking through them is quicker than hashing.</summary>
    private const int InitialNames = 4;

    /// <summary>What a scope takes without its names.</summary>
    private const int Size = 72;

    private string[] _names = [];
    private object?[] _values = [];
    private int _count;
    private long _bytes;
    private bool _isKept;

    /// <summary>The outermost scope: its names are the variables of the render, then the built-in ones.</summary>
    public Scope(TemplateValues variables, Budget budget)
        : this(null, variables, budget)
    {
    }

    public Scope Inner()
    {
        budget.Allocate(Size);
        return new Scope(this, variables, budget) { _bytes = Size };
    }

    /// <summary>A macro that was made here sees this scope, and those around it, for as long as it lives.</summary>
    public void Keep()
    {
        for (var scope = this; scope is { _isKept: false }; scope = scope.Outer)
        {
            scope._isKept = true;
        }
    }

    /// <summary>Its block has ended: what it took is free again, so that a loop is held to its time and not to what it has long let go.</summary>
    public void End()
    {
        if (!_isKept)
        {
            budget.Free(_bytes);
        }
    }

    public object? this[string name]
    {
        set
        {
            var index = Find(name);
            if (index < 0)
            {
                Grow();
                index = _count++;
                _names[index] = name;
            }

            _values[index] = value;
        }
    }

    public object? Get(string name)
    {
        for (var scope = this; ; scope = scope.Outer)
        {
            if (scope.Find(name) is var index and >= 0)
            {
                return scope._values[index];
            }

            if (scope.Outer is null)
            {
                return scope.First(name);
            }
        }
    }

    private Scope? Outer { get; } = outer;

    /// <summary>A variable becomes a value of the template when it is first asked for.</summary>
    private object? First(string name)
    {
        object? value;
        if (variables.ByName.TryGetValue(name, out var given))
        {
            value = PythonTypes.From(given, budget);
        }
        else if (Globals.Find(name, budget) is { } builtIn)
        {
            value = builtIn;
        }
        else
        {
            return Undefined.Name(name);
        }

        this[name] = value;
        return value;
    }

    private int Find(string name)
    {
        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_names[i], name) || string.Equals(_names[i], name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    private void Grow()
    {
        if (_count == _names.Length)
        {
            var size = Math.Max(InitialNames, _count * 2);
            _bytes += budget.AllocateItems(2 * size);
            Array.Resize(ref _names, size);
            Array.Resize(ref _values, size);
        }
    }
}
