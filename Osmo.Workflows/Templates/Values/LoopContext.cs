using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>The <c>loop</c> of a for block. Elements are taken one by one, so that the body may change what follows.</summary>
/// <param name="length">Of what is looped over; null when that is only known at its end.</param>
/// <param name="recurse">Runs the block again over something else; null unless it is recursive.</param>
internal sealed class LoopContext(IEnumerator<object?> items, Func<int?> length, int depth, Func<object?, string>? recurse, Budget budget) : PyObject
{
    /// <summary>Elements that were looked at before their turn.</summary>
    private readonly Queue<object?> _ahead = new();
    private object? _current;
    private object? _previous;
    private int? _length;
    private PyTuple? _lastChanged;

    public override string TypeName => "LoopContext";

    public override string QualifiedName => "jinja2.runtime.LoopContext";

    public override bool IsCallable => true;

    public object? Current => _current;

    public int Index0 { get; private set; } = -1;

    public int Length
    {
        get
        {
            if (_length is null)
            {
                _length = length() ?? Index0 + 1 + ReadAll();
            }

            return _length.Value;
        }
    }

    public bool MoveNext()
    {
        if (!Peek())
        {
            return false;
        }

        (_previous, _current) = (_current, _ahead.Dequeue());
        Index0++;
        return true;
    }

    /// <summary>The elements whose turn has not come; each is taken from the loop.</summary>
    public IEnumerable<object?> Rest()
    {
        while (MoveNext())
        {
            yield return new PyTuple([_current, this]);
        }
    }

    public override bool TryAttribute(string name, out object? value)
    {
        value = name switch
        {
            "index" => (long)(Index0 + 1),
            "index0" => (long)Index0,
            "revindex" => (long)(Length - Index0),
            "revindex0" => (long)(Length - Index0 - 1),
            "first" => Index0 == 0,
            "last" => !Peek(),
            "length" => (long)Length,
            "depth" => (long)depth,
            "depth0" => (long)(depth - 1),
            "previtem" => Index0 > 0 ? _previous : Undefined.Because("there is no previous item"),
            "nextitem" => Peek() ? _ahead.Peek() : Undefined.Because("there is no next item"),
            "cycle" => new Function("cycle", Cycle),
            "changed" => new Function("changed", arguments => Changed(arguments)),
            _ => null,
        };
        return value is not null || name is "previtem" or "nextitem";
    }

    public override object? Call(CallArguments arguments)
    {
        var iterable = arguments.Bind("__call__", 1, "iterable")[0];
        return recurse is null
            ? throw TemplateException.Value("The loop must have the 'recursive' marker to be called recursively.")
            : recurse(iterable);
    }

    public override string Repr() => $"<LoopContext {Index0 + 1}/{Length}>";

    private bool Peek()
    {
        if (_ahead.Count == 0 && items.MoveNext())
        {
            _ahead.Enqueue(items.Current);
        }

        return _ahead.Count > 0;
    }

    private int ReadAll()
    {
        while (items.MoveNext())
        {
            budget.Allocate(8);
            _ahead.Enqueue(items.Current);
        }

        return _ahead.Count;
    }

    private object? Cycle(CallArguments arguments) =>
        arguments.Positional.IsEmpty
            ? throw TemplateException.Value("no items for cycling given")
            : arguments.Positional[Index0 % arguments.Positional.Length];

    private bool Changed(CallArguments arguments)
    {
        var value = new PyTuple(arguments.Positional);
        var changed = _lastChanged is null || !Operators.AreEqual(_lastChanged, value, budget);
        _lastChanged = value;
        return changed;
    }
}
