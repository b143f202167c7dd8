using System.Globalization;
using System.Text;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Methods of a text.</summary>
internal sealed class TextMethods(Budget budget)
{
    public Function? Get(string text, string name) =>
        Cased(text, name) ?? Asked(text, name) ?? Cut(text, name) ?? Searched(text, name) ?? Padded(text, name);

    public string Replace(string text, string old, string with, int most)
    {
        var count = (int)Math.Min(most < 0 ? int.MaxValue : most, Count(text, old));
        budget.AllocateText(text.Length + ((long)count * (with.Length - old.Length)));
        if (count == 0)
        {
            return text;
        }

        if (old.Length == 0)
        {
            return Interleave(text, with, count);
        }

        if (most < 0)
        {
            return text.Replace(old, with, StringComparison.Ordinal);
        }

        var result = new StringBuilder();
        var at = 0;
        for (int found; count > 0 && (found = text.IndexOf(old, at, StringComparison.Ordinal)) >= 0; count--)
        {
            result.Append(text, at, found - at).Append(with);
            at = found + old.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    public string Center(string text, int width)
    {
        var padding = Padding(text, width);
        var left = (padding / 2) + (padding & width & 1);
        return new string(' ', left) + text + new string(' ', padding - left);
    }

    public string Join(string separator, object? items)
    {
        var parts = new List<string>();
        var length = 0L;
        foreach (var item in Operators.Iterate(items, budget))
        {
            var part = Operators.Defined(item) as string
                ?? throw TemplateException.Value($"sequence item {parts.Count}: expected str instance, {PythonTypes.Name(item)} found");
            budget.Allocate(8);
            length += part.Length + separator.Length;
            parts.Add(part);
        }

        budget.AllocateText(length);
        return string.Join(separator, parts);
    }

    private Function? Cased(string text, string name)
    {
        Func<string, string>? change = name switch
        {
            "upper" => LetterCase.Upper,
            "lower" => LetterCase.Lower,
            "casefold" => LetterCase.Fold,
            "title" => LetterCase.Title,
            "capitalize" => LetterCase.Capitalize,
            "swapcase" => LetterCase.Swap,
            _ => null,
        };
        return change is null ? null : Method(name, 0, 0, _ =>
        {
            budget.AllocateText(2L * text.Length);
            return change(text);
        });
    }

    private Function? Asked(string text, string name)
    {
        Func<string, bool>? question = name switch
        {
            "isdecimal" => static t => All(t, static (text, at) => CharUnicodeInfo.GetDecimalDigitValue(text, at) >= 0),
            "isdigit" => static t => All(t, static (text, at) => CharUnicodeInfo.GetDigitValue(text, at) >= 0),
            "isnumeric" => static t => All(t, static (text, at) => CharUnicodeInfo.GetNumericValue(text, at) >= 0),
            "isalpha" => static t => All(t, char.IsLetter),
            "isalnum" => static t => All(t, static (text, at) => char.IsLetter(text, at) || CharUnicodeInfo.GetNumericValue(text, at) >= 0),
            "isspace" => static t => All(t, static (text, at) => CodePoints.IsSpace(text[at])),
            "isprintable" => static t => t.EnumerateRunes().All(PythonRepr.IsPrintable),
            "isascii" => static t => Ascii.IsValid(t),
            "isupper" => LetterCase.IsUpper,
            "islower" => LetterCase.IsLower,
            "istitle" => LetterCase.IsTitle,
            "isidentifier" => static t =>
                t.Length > 0 && !char.IsDigit(t[0]) && All(t, static (text, at) => text[at] == '_' || char.IsLetterOrDigit(text, at)),
            _ => null,
        };
        return question is null ? null : Method(name, 0, 0, _ =>
        {
            budget.Scan(text.Length);
            return question(text);
        });
    }

    private Function? Cut(string text, string name) => name switch
    {
        "strip" => Method(name, 0, 1, a => Made(TextSplitting.Strip(text, a.TextOrNone(0, "strip")))),
        "lstrip" => Method(name, 0, 1, a => Made(TextSplitting.Strip(text, a.TextOrNone(0, "lstrip"), right: false))),
        "rstrip" => Method(name, 0, 1, a => Made(TextSplitting.Strip(text, a.TextOrNone(0, "rstrip"), left: false))),
        "split" => Named(name, a => new PyList(TextSplitting.Split(text, a.TextOrNone(0, "split"), a.Int(1, -1), budget)), "sep", "maxsplit"),
        "rsplit" => Named(
            name, a => new PyList(TextSplitting.SplitRight(text, a.TextOrNone(0, "rsplit"), a.Int(1, -1), budget)), "sep", "maxsplit"),
        "splitlines" => Named(name, a => new PyList(TextSplitting.Lines(text, a.Truth(0, standard: false), budget)), "keepends"),
        "partition" => Method(name, 1, 1, a => Partition(text, Separator(a), fromRight: false)),
        "rpartition" => Method(name, 1, 1, a => Partition(text, Separator(a), fromRight: true)),
        "removeprefix" => Method(name, 1, 1, a =>
            Made(a.Text(0, name) is var part && text.StartsWith(part, StringComparison.Ordinal) ? text[part.Length..] : text)),
        "removesuffix" => Method(name, 1, 1, a =>
            Made(a.Text(0, name) is var part && text.EndsWith(part, StringComparison.Ordinal) ? text[..^part.Length] : text)),
        "replace" => Method(name, 2, 3, a => Replace(text, a.Text(0, name), a.Text(1, name), a.Int(2, -1))),
        "join" => Method(name, 1, 1, a => Join(text, a[0])),
        "format" => new Function(name, arguments => new BraceFormat(budget).Apply(text, arguments)),
        "format_map" => Method(name, 1, 1, a => new BraceFormat(budget).Apply(text, a[0])),
        _ => null,
    };

    private Function? Searched(string text, string name) => name switch
    {
        "find" => Method(name, 1, 3, a => (long)Find(text, name, a, last: false)),
        "rfind" => Method(name, 1, 3, a => (long)Find(text, name, a, last: true)),
        "index" => Method(name, 1, 3, a => (long)Found(Find(text, name, a, last: false))),
        "rindex" => Method(name, 1, 3, a => (long)Found(Find(text, name, a, last: true))),
        "count" => Method(name, 1, 3, a => Part(text, a) is { } part ? Count(part.Text, a.Text(0, name)) : 0L),
        "startswith" => Method(name, 1, 3, a => Affixes(name, a[0]) is var affixes && Part(text, a) is { } part
            && affixes.Any(affix => part.Text.StartsWith(affix, StringComparison.Ordinal))),
        "endswith" => Method(name, 1, 3, a => Affixes(name, a[0]) is var affixes && Part(text, a) is { } part
            && affixes.Any(affix => part.Text.EndsWith(affix, StringComparison.Ordinal))),
        _ => null,
    };

    private Function? Padded(string text, string name) => name switch
    {
        "center" => Method(name, 1, 2, a => Fill(a) is var fill && fill == " " ? Center(text, a.Int(0, 0)) : Center(text, a.Int(0, 0), fill)),
        "ljust" => Method(name, 1, 2, a => text + Repeated(Fill(a), Padding(text, a.Int(0, 0)))),
        "rjust" => Method(name, 1, 2, a => Repeated(Fill(a), Padding(text, a.Int(0, 0))) + text),
        "zfill" => Method(name, 1, 1, a => ZeroFill(text, a.Int(0, 0))),
        "expandtabs" => Named(name, a => ExpandTabs(text, a.Int(0, 8)), "tabsize"),
        _ => null,
    };

    /// <summary>A text before each of so many characters, and after the last if there are no more.</summary>
    private static string Interleave(string text, string with, int count)
    {
        var result = new StringBuilder();
        foreach (var character in CodePoints.Each(text))
        {
            _ = count-- > 0 ? result.Append(with) : result;
            result.Append(character);
        }

        return (count > 0 ? result.Append(with) : result).ToString();
    }

    private static Function Method(string name, int required, int most, Func<Bound, object?> body) =>
        new(name, arguments => body(arguments.Only(name, required, most)));

    private static Function Named(string name, Func<Bound, object?> body, params string[] parameters) =>
        new(name, arguments => body(arguments.Bind(name, 0, parameters)));

    private static bool All(string text, Func<string, int, bool> isTrue)
    {
        for (var at = 0; at < text.Length; at += char.IsSurrogatePair(text, at) ? 2 : 1)
        {
            if (!isTrue(text, at))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    private string Made(string text) => budget.Made(text);

    private static string Separator(Bound arguments) =>
        arguments.Text(0, "partition()") is { Length: > 0 } separator ? separator : throw TemplateException.Value("empty separator");

    private PyTuple Partition(string text, string separator, bool fromRight)
    {
        budget.AllocateText(text.Length);
        var at = fromRight ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        return at >= 0 ? new PyTuple([text[..at], separator, text[(at + separator.Length)..]])
            : fromRight ? new PyTuple(["", "", text])
            : new PyTuple([text, "", ""]);
    }

    /// <summary>The part of a text that start and end arguments leave, and where it starts; null if the start is beyond the end.</summary>
    private (string Text, int Start)? Part(string text, Bound arguments)
    {
        budget.Scan(text.Length);
        if (!arguments.Has(1))
        {
            return (text, 0);
        }

        var count = CodePoints.Count(text);
        var start = arguments[1] is null ? 0 : Absolute(arguments.Int(1, 0), count);
        var end = Math.Min(count, !arguments.Has(2) || arguments[2] is null ? count : Absolute(arguments.Int(2, count), count));
        if (start > count || start > end)
        {
            return null;
        }

        budget.AllocateText(end - start);
        return (text[CodePoints.UnitOf(text, start)..CodePoints.UnitOf(text, end)], start);
    }

    private static int Absolute(int index, int count) => index < 0 ? Math.Max(0, index + count) : index;

    private int Find(string text, string name, Bound arguments, bool last)
    {
        var wanted = arguments.Text(0, $"{name}()");
        if (Part(text, arguments) is not { } part)
        {
            return -1;
        }

        var at = last ? part.Text.LastIndexOf(wanted, StringComparison.Ordinal) : part.Text.IndexOf(wanted, StringComparison.Ordinal);
        return at < 0 ? -1 : part.Start + CodePoints.Count(part.Text.AsSpan(0, at));
    }

    private static int Found(int index) => index >= 0 ? index : throw TemplateException.Value("substring not found");

    private long Count(string text, string part)
    {
        budget.Scan(text.Length);
        return part.Length == 0 ? CodePoints.Count(text) + 1 : text.AsSpan().Count(part);
    }

    private static IEnumerable<string> Affixes(string method, object? value) => value switch
    {
        string text => [text],
        PyTuple tuple => tuple.Items.Select(item => item as string
            ?? throw TemplateException.Value($"tuple for {method} must only contain str, not {PythonTypes.Name(item)}")),
        _ => throw TemplateException.Value($"{method} first arg must be str or a tuple of str, not {PythonTypes.Name(value)}"),
    };

    private static string Fill(Bound arguments) => arguments.Text(1, "padding", " ") is var fill && CodePoints.Count(fill) == 1
        ? fill
        : throw TemplateException.Value("The fill character must be exactly one character long");

    /// <summary>How many characters are missing from a width; they are counted as made.</summary>
    private int Padding(string text, int width)
    {
        var padding = Math.Max(0, width - CodePoints.Count(text));
        budget.AllocateText((long)text.Length + (2L * padding));
        return padding;
    }

    private string Center(string text, int width, string fill)
    {
        var padding = Padding(text, width);
        var left = (padding / 2) + (padding & width & 1);
        return Repeated(fill, left) + text + Repeated(fill, padding - left);
    }

    private static string Repeated(string fill, int count) => fill.Length == 1 ? new string(fill[0], count) : string.Concat(Enumerable.Repeat(fill, count));

    private string ZeroFill(string text, int width)
    {
        var padding = Padding(text, width);
        var sign = text is ['+' or '-', ..] ? 1 : 0;
        return string.Concat(text.AsSpan(0, sign), new string('0', padding), text.AsSpan(sign));
    }

    private string ExpandTabs(string text, int size)
    {
        budget.AllocateText(text.Length);
        var result = new StringBuilder();
        var column = 0;
        foreach (var character in CodePoints.Each(text))
        {
            var blanks = character != "\t" ? 0 : size > 0 ? size - (column % size) : 0;
            budget.Allocate(2L * blanks);
            _ = character == "\t" ? result.Append(' ', blanks) : result.Append(character);
            column = character is "\n" or "\r" ? 0 : column + (character == "\t" ? blanks : 1);
        }

        return result.ToString();
    }
}
