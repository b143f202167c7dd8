using System.Text;
using Osmo.Workflows.Templates.Evaluation;

namespace Osmo.Workflows.Templates.Values;

/// <summary>Methods of a text.</summary>
internal sealed class TextMethods(Budget budget)
{
    public Function? Get(string text, string name) => Plain(text, name) ?? WithArguments(text, name);

    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var inWord = false;
        foreach (var c in text)
        {
            result.Append(inWord ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inWord = char.IsLetter(c);
        }

        return result.ToString();
    }

    public static string Capitalize(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    public static string Center(string text, int width)
    {
        var padding = Math.Max(0, width - text.Length);
        var left = (padding / 2) + (padding & width & 1);
        return new string(' ', left) + text + new string(' ', padding - left);
    }

    public static List<string> Split(string text, string? separator, int max)
    {
        if (separator is not null)
        {
            return separator.Length == 0
                ? throw TemplateException.Value("empty separator")
                : [.. max < 0 ? text.Split(separator) : text.Split(separator, max + 1)];
        }

        var parts = new List<string>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                return parts;
            }

            if (max >= 0 && parts.Count == max)
            {
                parts.Add(text[at..].TrimEnd());
                return parts;
            }

            var end = at;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            parts.Add(text[at..end]);
            at = end;
        }
    }

    public static string Strip(string text, string? characters, bool left = true, bool right = true)
    {
        var result = text;
        result = left ? (characters is null ? result.TrimStart() : result.TrimStart(characters.ToCharArray())) : result;
        return right ? (characters is null ? result.TrimEnd() : result.TrimEnd(characters.ToCharArray())) : result;
    }

    public static IEnumerable<string> Lines(string text, bool keepEnds = false)
    {
        var start = 0;
        while (start < text.Length)
        {
            var end = text.AsSpan(start).IndexOfAny('\n', '\r');
            if (end < 0)
            {
                yield return text[start..];
                yield break;
            }

            end += start;
            var next = text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            yield return text[start..(keepEnds ? next : end)];
            start = next;
        }
    }

    private Function? Plain(string text, string name)
    {
        Func<object?>? body = name switch
        {
            "upper" => () => Counted(text.ToUpperInvariant()),
            "lower" or "casefold" => () => Counted(text.ToLowerInvariant()),
            "title" => () => Counted(Title(text)),
            "capitalize" => () => Counted(Capitalize(text)),
            "swapcase" => () => Counted(string.Concat(text.Select(c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c)))),
            "isdigit" or "isdecimal" or "isnumeric" => () => text.Length > 0 && text.All(char.IsDigit),
            "isalpha" => () => text.Length > 0 && text.All(char.IsLetter),
            "isalnum" => () => text.Length > 0 && text.All(char.IsLetterOrDigit),
            "isspace" => () => text.Length > 0 && text.All(char.IsWhiteSpace),
            "isupper" => () => text.Any(char.IsLetter) && !text.Any(char.IsLower),
            "islower" => () => text.Any(char.IsLetter) && !text.Any(char.IsUpper),
            "istitle" => () => text.Any(char.IsLetter) && Title(text) == text,
            "isascii" => () => text.All(char.IsAscii),
            "isidentifier" => () => text.Length > 0 && !char.IsDigit(text[0]) && text.All(c => c == '_' || char.IsLetterOrDigit(c)),
            _ => null,
        };
        return body is null ? null : new Function(name, arguments =>
        {
            arguments.Bind(name, 0);
            return body();
        });
    }

    private Function? WithArguments(string text, string name) => name switch
    {
        "strip" => Call(name, a => Strip(text, OptionalText(a, 0)), 0, "chars"),
        "lstrip" => Call(name, a => Strip(text, OptionalText(a, 0), right: false), 0, "chars"),
        "rstrip" => Call(name, a => Strip(text, OptionalText(a, 0), left: false), 0, "chars"),
        "split" => Call(name, a => Listed(Split(text, OptionalText(a, 0), a.Int(1, -1))), 0, "sep", "maxsplit"),
        "rsplit" => Call(name, a => Listed(RightSplit(text, OptionalText(a, 0), a.Int(1, -1))), 0, "sep", "maxsplit"),
        "splitlines" => Call(name, a => Listed(Lines(text, a.Truth(0, standard: false))), 0, "keepends"),
        "partition" => Call(name, a => Partition(text, RequiredText(a, 0, name), text.IndexOf(RequiredText(a, 0, name), StringComparison.Ordinal)), 1, "sep"),
        "rpartition" => Call(name, a => RightPartition(text, RequiredText(a, 0, name)), 1, "sep"),
        "replace" => Call(name, a => Replace(text, RequiredText(a, 0, name), RequiredText(a, 1, name), a.Int(2, -1)), 2, "old", "new", "count"),
        "startswith" => Call(name, a => Affixes(a[0]).Any(affix => text.StartsWith(affix, StringComparison.Ordinal)), 1, "prefix"),
        "endswith" => Call(name, a => Affixes(a[0]).Any(affix => text.EndsWith(affix, StringComparison.Ordinal)), 1, "suffix"),
        "removeprefix" => Call(name, a => RequiredText(a, 0, name) is var part && text.StartsWith(part, StringComparison.Ordinal) ? text[part.Length..] : text, 1, "prefix"),
        "removesuffix" => Call(name, a => RequiredText(a, 0, name) is var part && part.Length > 0 && text.EndsWith(part, StringComparison.Ordinal) ? text[..^part.Length] : text, 1, "suffix"),
        "find" => Call(name, a => (long)text.IndexOf(RequiredText(a, 0, name), StringComparison.Ordinal), 1, "sub"),
        "rfind" => Call(name, a => (long)text.LastIndexOf(RequiredText(a, 0, name), StringComparison.Ordinal), 1, "sub"),
        "index" => Call(name, a => text.IndexOf(RequiredText(a, 0, name), StringComparison.Ordinal) is var at and >= 0 ? (long)at : throw TemplateException.Value("substring not found"), 1, "sub"),
        "count" => Call(name, a => (long)Count(text, RequiredText(a, 0, name)), 1, "sub"),
        "join" => Call(name, a => Join(text, a[0]), 1, "iterable"),
        "format" => new Function(name, arguments => BraceFormat.Apply(text, arguments, budget)),
        "zfill" => Call(name, a => ZeroFill(text, Width(a, 0)), 1, "width"),
        "ljust" => Call(name, a => text.PadRight(Width(a, 0), Fill(a, 1)), 1, "width", "fillchar"),
        "rjust" => Call(name, a => text.PadLeft(Width(a, 0), Fill(a, 1)), 1, "width", "fillchar"),
        "center" => Call(name, a => Center(text, Width(a, 0)), 1, "width"),
        _ => null,
    };

    private Function Call(string name, Func<Bound, object?> body, int required, params string[] parameters) =>
        new(name, arguments => body(arguments.Bind(name, required, parameters)) is var result && result is string made ? Counted(made) : result);

    private string Counted(string text)
    {
        budget.Allocate(2L * text.Length);
        return text;
    }

    private PyList Listed(IEnumerable<string> parts)
    {
        var list = new PyList(parts);
        budget.Allocate(list.Items.Sum(part => 24L + (2L * ((string)part!).Length)));
        return list;
    }

    private int Width(Bound arguments, int index)
    {
        var width = Math.Max(0, arguments.Int(index, 0));
        budget.Allocate(2L * width);
        return width;
    }

    private static char Fill(Bound arguments, int index) => arguments.Text(index, " ") is [var fill] ? fill : throw TemplateException.Value("The fill character must be exactly one character long");

    private static string? OptionalText(Bound arguments, int index) => arguments.Or(index, null) is { } value ? value as string ?? throw NotText(value) : null;

    private static string RequiredText(Bound arguments, int index, string name) =>
        arguments[index] as string ?? throw TemplateException.Value($"{name}() argument {index + 1} must be str, not {PythonTypes.Name(arguments[index])}");

    private static TemplateException NotText(object value) => TemplateException.Value($"expected str instance, {PythonTypes.Name(value)} found");

    private static IEnumerable<string> Affixes(object? value) => value switch
    {
        string text => [text],
        PyTuple tuple => tuple.Items.OfType<string>(),
        _ => throw TemplateException.Value($"startswith first arg must be str or a tuple of str, not {PythonTypes.Name(value)}"),
    };

    private string Replace(string text, string old, string with, int count)
    {
        if (old.Length == 0)
        {
            var runes = text.EnumerateRunes().Select(rune => rune.ToString());
            budget.Allocate(2L * (text.Length + 1) * (with.Length + 1));
            return with + string.Concat(runes.Select(rune => rune + with));
        }

        budget.Allocate(2L * (text.Length + ((long)Count(text, old) * with.Length)));
        if (count < 0)
        {
            return text.Replace(old, with, StringComparison.Ordinal);
        }

        var parts = text.Split(old, count + 1);
        return string.Join(with, parts);
    }

    private static int Count(string text, string part) => part.Length == 0 ? text.Length + 1 : text.Split(part).Length - 1;

    private string Join(string separator, object? items)
    {
        var parts = Operators.Iterate(items).Select((item, index) => Operators.Use(item) as string
            ?? throw TemplateException.Value($"sequence item {index}: expected str instance, {PythonTypes.Name(item)} found")).ToList();
        budget.Allocate(2L * (parts.Sum(part => (long)part.Length) + ((long)separator.Length * parts.Count)));
        return string.Join(separator, parts);
    }

    private static List<string> RightSplit(string text, string? separator, int max)
    {
        var parts = Split(text, separator, -1);
        if (max < 0 || parts.Count <= max + 1)
        {
            return parts;
        }

        var head = separator is null
            ? text[..(text.LastIndexOf(parts[^max], StringComparison.Ordinal))].TrimEnd()
            : string.Join(separator, parts.Take(parts.Count - max));
        return [head, .. parts.Skip(parts.Count - max)];
    }

    private static PyTuple Partition(string text, string separator, int at) =>
        at < 0 ? new PyTuple([text, "", ""]) : new PyTuple([text[..at], separator, text[(at + separator.Length)..]]);

    private static PyTuple RightPartition(string text, string separator)
    {
        var at = text.LastIndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? new PyTuple(["", "", text]) : Partition(text, separator, at);
    }

    private static string ZeroFill(string text, int width)
    {
        var sign = text.Length > 0 && text[0] is '+' or '-' ? text[..1] : "";
        return sign + text[sign.Length..].PadLeft(Math.Max(0, width - sign.Length), '0');
    }
}
