using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Names that every template has (contract: workflow-spec §4). <c>lipsum</c> is left out: its text is random.</summary>
internal static class Globals
{
    private const int RangeMax = 100_000;

    public static IEnumerable<(string, object?)> All(Budget budget) =>
    [
        ("range", new Function("range", Range)),
        ("dict", new Function("dict", Dict)),
        ("namespace", new Function("namespace", MakeNamespace)),
        ("cycler", new Function("cycler", Cycler)),
        ("joiner", new Function("joiner", Joiner)),
    ];

    public static PyDict Dict(CallArguments arguments)
    {
        var dict = new PyDict([]);
        foreach (var source in arguments.Positional)
        {
            if (Operators.Use(source) is PyDict other)
            {
                foreach (var (key, value) in other.Entries)
                {
                    dict.Set(key.Value, value);
                }

                continue;
            }

            foreach (var pair in Operators.Iterate(source))
            {
                if (Operators.Iterate(pair).ToList() is not [var key, var value])
                {
                    throw TemplateException.Value("dictionary update sequence element has a length other than 2");
                }

                dict.Set(key, value);
            }
        }

        foreach (var (name, value) in arguments.Named)
        {
            dict.Set(name, value);
        }

        return dict;
    }

    private static PyRange Range(CallArguments arguments)
    {
        if (arguments.Positional.Length is 0 or > 3 || !arguments.Named.IsEmpty)
        {
            throw TemplateException.Value($"range expected 1 to 3 arguments, got {arguments.Positional.Length}");
        }

        var values = arguments.Positional.Select(value => (long)Number.Int(Operators.Use(value))).ToList();
        var (start, stop, step) = values.Count switch
        {
            1 => (0L, values[0], 1L),
            2 => (values[0], values[1], 1L),
            _ => (values[0], values[1], values[2]),
        };
        if (step == 0)
        {
            throw TemplateException.Value("range() arg 3 must not be zero");
        }

        var range = new PyRange(start, stop, step);
        return range.Count <= RangeMax ? range : throw TemplateException.Value($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({RangeMax}).");
    }

    private static Namespace MakeNamespace(CallArguments arguments)
    {
        var space = new Namespace();
        foreach (var (key, value) in Dict(arguments).Entries)
        {
            space.Attributes[key.Value as string ?? throw TemplateException.Value("keywords must be strings")] = value;
        }

        return space;
    }

    private static Namespace Cycler(CallArguments arguments)
    {
        var items = arguments.Positional;
        if (items.IsEmpty)
        {
            throw TemplateException.Value("at least one item has to be provided");
        }

        var position = 0;
        var cycler = new Namespace();
        cycler.Attributes["next"] = new Function("next", _ =>
        {
            var item = items[position];
            position = (position + 1) % items.Length;
            cycler.Attributes["current"] = items[position];
            return item;
        });
        cycler.Attributes["reset"] = new Function("reset", _ =>
        {
            position = 0;
            cycler.Attributes["current"] = items[0];
            return null;
        });
        cycler.Attributes["current"] = items[0];
        return cycler;
    }

    private static Function Joiner(CallArguments arguments)
    {
        var separator = arguments.Bind("joiner", 0, "sep").Or(0, ", ");
        var used = false;
        return new Function("joiner", _ =>
        {
            var result = used ? separator : "";
            used = true;
            return result;
        });
    }
}
