namespace Osmo.Workflows.Templates.Values;

/// <summary>The <c>loop</c> of a for block.</summary>
internal sealed class LoopContext(IReadOnlyList<object?> items, int depth, Function? recurse)
{
    private object? _lastChanged;
    private bool _hasChanged;

    public int Index0 { get; set; }

    public object? Attribute(string name) => name switch
    {
        "index" => (long)(Index0 + 1),
        "index0" => (long)Index0,
        "revindex" => (long)(items.Count - Index0),
        "revindex0" => (long)(items.Count - Index0 - 1),
        "first" => Index0 == 0,
        "last" => Index0 == items.Count - 1,
        "length" => (long)items.Count,
        "depth" => (long)depth,
        "depth0" => (long)(depth - 1),
        "previtem" => Index0 > 0 ? items[Index0 - 1] : new Undefined("there is no previous item"),
        "nextitem" => Index0 < items.Count - 1 ? items[Index0 + 1] : new Undefined("there is no next item"),
        "cycle" => new Function("cycle", Cycle),
        "changed" => new Function("changed", arguments => Changed(arguments)),
        _ => new Undefined($"'LoopContext object' has no attribute '{name}'"),
    };

    public object? Recurse(CallArguments arguments) =>
        recurse is null ? throw TemplateException.Value("The loop must have the 'recursive' marker to be called recursively.") : recurse.Call(arguments);

    private object? Cycle(CallArguments arguments) =>
        arguments.Positional.IsEmpty
            ? throw TemplateException.Value("no items for cycling given")
            : arguments.Positional[Index0 % arguments.Positional.Length];

    private bool Changed(CallArguments arguments)
    {
        var value = new PyTuple(arguments.Positional);
        var changed = !_hasChanged || !Operators.AreEqual(_lastChanged, value);
        (_lastChanged, _hasChanged) = (value, true);
        return changed;
    }
}
