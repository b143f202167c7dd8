using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>A name, attribute or element that is not there. It may be passed around; using it fails (contract: workflow-spec §4).</summary>
internal sealed class Undefined
{
    private readonly string _message;
    private readonly TemplateFault _fault;

    private Undefined(string message, TemplateFault fault = TemplateFault.Undefined, bool isLenient = false) =>
        (_message, _fault, IsLenient) = (message, fault, isLenient);

    /// <summary>May be printed, tested and iterated over, as nothing; everything else fails.</summary>
    public bool IsLenient { get; }

    public static Undefined Because(string message) => new(message);

    public static Undefined Name(string name) => new($"'{name}' is undefined");

    public static Undefined Attribute(object? of, string name, Budget budget) =>
        new($"'{PythonTypes.Described(of)}' has no attribute {PythonRepr.Of(name, budget)}");

    public static Undefined Element(object? of, object? key, Budget budget) =>
        new($"{PythonTypes.Described(of)} has no element {PythonRepr.Of(key, budget)}");

    /// <summary>An attribute that exists in Python but that templates may not use.</summary>
    public static Undefined Unsafe(object? of, string name) =>
        new($"access to attribute '{name}' of '{PythonTypes.Name(of)}' object is unsafe.", TemplateFault.Security);

    /// <summary>What an inline <c>if</c> without <c>else</c> gives when it is false.</summary>
    public static Undefined NoElse(int line) =>
        new($"the inline if-expression on line {line} evaluated to false and no else section was defined.", isLenient: true);

    public TemplateException Error() => new(_fault, _message);

    /// <summary>Fails unless it may be taken for nothing.</summary>
    public void UseAsNothing()
    {
        if (!IsLenient)
        {
            throw Error();
        }
    }
}
