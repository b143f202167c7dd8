using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Names that every template has (contract: workflow-spec §4). <c>lipsum</c> is left out: its text is random.</summary>
internal static class Globals
{
    private const int RangeMax = 100_000;

    /// <summary>Null for names that are not built in.</summary>
    public static PyObject? Find(string name, Budget budget) => name switch
    {
        "range" => new Function(name, Range),
        "dict" => new Function(name, arguments => Dict(arguments, budget)),
        "namespace" => new Function(name, arguments => new Namespace(Dict(arguments, budget))),
        "cycler" => new Function(name, arguments => MakeCycler(arguments)),
        "joiner" => new Function(name, arguments => new Joiner(arguments.Bind("joiner", 0, "sep") is var bound && bound.Has(0) ? bound.Raw(0) : ", ")),
        _ => null,
    };

    private static PyDict Dict(CallArguments arguments, Budget budget)
    {
        var dict = new PyDict();
        new DictMethods(budget).Update(dict, arguments);
        return dict;
    }

    private static Cycler MakeCycler(CallArguments arguments) =>
        !arguments.Named.IsEmpty ? throw TemplateException.Value("cycler() takes no keyword arguments")
        : arguments.Positional.IsEmpty ? throw TemplateException.Value("at least one item has to be provided")
        : new Cycler(arguments.Positional);

    private static PyRange Range(CallArguments arguments)
    {
        var bound = arguments.Only("range", 1, 3);
        var (start, stop) = bound.Has(1) ? (End(bound[0]), End(bound[1])) : (0, End(bound[0]));
        var step = bound.Has(2) ? End(bound[2]) : 1;
        if (step == 0)
        {
            throw TemplateException.Value("range() arg 3 must not be zero");
        }

        var range = new PyRange(start, stop, step);
        return range.Count <= RangeMax
            ? range
            : throw TemplateException.Value($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({RangeMax}).");
    }

    /// <summary>An integer; far beyond what a range may hold, its size does not matter.</summary>
    private static long End(object? value) => Number.IsInteger(Operators.Defined(value))
        ? (long)System.Numerics.BigInteger.Clamp(Number.Big(value), long.MinValue / 4, long.MaxValue / 4)
        : throw TemplateException.Value($"'{PythonTypes.Name(value)}' object cannot be interpreted as an integer");
}
