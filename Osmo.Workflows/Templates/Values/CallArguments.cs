using System.Collections.Immutable;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Arguments of a call, evaluated.</summary>
internal sealed record CallArguments(ImmutableArray<object?> Positional, ImmutableArray<(string Name, object? Value)> Named)
{
    public static CallArguments None { get; } = new([], []);

    /// <summary>Binds to parameters in order; a parameter not given is null in the result.</summary>
    /// <exception cref="TemplateException">Too many, unknown or doubled arguments, or a required one is missing.</exception>
    public Bound Bind(string function, int required, params ReadOnlySpan<string> parameters)
    {
        if (Positional.Length > parameters.Length)
        {
            throw TooMany(function, parameters.Length);
        }

        var values = new object?[parameters.Length];
        var given = new bool[parameters.Length];
        for (var i = 0; i < Positional.Length; i++)
        {
            (values[i], given[i]) = (Positional[i], true);
        }

        foreach (var (name, value) in Named)
        {
            var index = parameters.IndexOf(name);
            if (index < 0 || given[index])
            {
                throw TemplateException.Value(index < 0
                    ? $"{function}() got an unexpected keyword argument '{name}'"
                    : $"{function}() got multiple values for argument '{name}'");
            }

            (values[index], given[index]) = (value, true);
        }

        for (var i = 0; i < required; i++)
        {
            if (!given[i])
            {
                throw TemplateException.Value($"{function}() missing 1 required positional argument: '{parameters[i]}'");
            }
        }

        return new Bound(values, given);
    }

    /// <summary>Binds arguments that are given by position only.</summary>
    public Bound Only(string function, int required, int most = -1)
    {
        most = Math.Max(required, most);
        if (!Named.IsEmpty)
        {
            throw TemplateException.Value($"{function}() takes no keyword arguments");
        }

        if (Positional.Length > most)
        {
            throw TooMany(function, most);
        }

        if (Positional.Length < required)
        {
            throw TemplateException.Value($"{function}() takes at least {required} argument{(required == 1 ? "" : "s")} ({Positional.Length} given)");
        }

        var values = new object?[most];
        var given = new bool[most];
        for (var i = 0; i < Positional.Length; i++)
        {
            (values[i], given[i]) = (Positional[i], true);
        }

        return new Bound(values, given);
    }

    private TemplateException TooMany(string function, int most) =>
        TemplateException.Value($"{function}() takes at most {most} argument{(most == 1 ? "" : "s")} ({Positional.Length} given)");
}

/// <summary>Arguments by position of their parameter.</summary>
internal readonly struct Bound(object?[] values, bool[] given)
{
    public bool Has(int index) => given[index];

    /// <summary>The argument, which must be defined; null if not given.</summary>
    public object? this[int index] => Operators.Use(values[index]);

    /// <summary>The argument, defined or not; null if not given.</summary>
    public object? Raw(int index) => values[index];

    public object? Or(int index, object? standard) => given[index] ? this[index] : standard;

    public int Int(int index, int standard) => given[index] ? Number.Index(this[index]) : standard;

    public bool Truth(int index, bool standard) => given[index] ? Operators.IsTrue(values[index]) : standard;

    /// <summary>A text argument.</summary>
    /// <param name="what">How a message names the call.</param>
    public string Text(int index, string what) =>
        this[index] as string ?? throw TemplateException.Value($"{what} argument {index + 1} must be str, not {PythonTypes.Name(this[index])}");

    public string Text(int index, string what, string standard) => given[index] ? Text(index, what) : standard;

    /// <summary>A text argument that may be absent or none.</summary>
    public string? TextOrNone(int index, string what) => given[index] && this[index] is not null ? Text(index, what) : null;
}
