using System.Text.Json.Nodes;

namespace Osmo.Testing.Kubernetes.Api;

/// <summary>Label and field selectors: <c>k=v</c>, <c>k==v</c>, <c>k!=v</c>, <c>k</c>, <c>!k</c>, <c>k in (a,b)</c>, <c>k notin (a,b)</c>.</summary>
internal sealed class Selectors
{
    private readonly Func<IReadOnlyDictionary<string, string>, bool>[] _labels;
    private readonly (string[] Path, bool IsEqual, string Value)[] _fields;

    private Selectors(Func<IReadOnlyDictionary<string, string>, bool>[] labels, (string[] Path, bool IsEqual, string Value)[] fields) =>
        (_labels, _fields) = (labels, fields);

    /// <exception cref="FormatException">A selector cannot be read.</exception>
    public static Selectors Parse(string? labels, string? fields) => new(
        [.. Split(labels).Select(LabelTerm)],
        [.. Split(fields).Select(FieldTerm)]);

    public bool Match(StoredObject item) =>
        Array.TrueForAll(_labels, term => term(item.Labels)) && (_fields.Length == 0 || MatchFields(item.ToJson()));

    private bool MatchFields(JsonObject document) => Array.TrueForAll(
        _fields,
        field =>
        {
            JsonNode? node = document;
            foreach (var name in field.Path)
            {
                node = (node as JsonObject)?[name];
            }

            return ((node?.ToString() ?? "") == field.Value) == field.IsEqual;
        });

    private static Func<IReadOnlyDictionary<string, string>, bool> LabelTerm(string term)
    {
        if (SetTerm(term, " notin ") is var (notIn, refused))
        {
            return labels => !labels.TryGetValue(notIn, out var value) || !refused.Contains(value);
        }

        if (SetTerm(term, " in ") is var (@in, wanted))
        {
            return labels => labels.TryGetValue(@in, out var value) && wanted.Contains(value);
        }

        if (!term.Contains('=', StringComparison.Ordinal))
        {
            return term.StartsWith('!') ? labels => !labels.ContainsKey(term[1..]) : labels => labels.ContainsKey(term);
        }

        var (key, isEqual, text) = Equality(term);
        return labels => (labels.TryGetValue(key, out var value) && value == text) == isEqual;
    }

    private static (string Key, HashSet<string> Values)? SetTerm(string term, string @operator)
    {
        var at = term.IndexOf(@operator, StringComparison.Ordinal);
        return at < 0
            ? null
            : (term[..at].Trim(), [.. term[(at + @operator.Length)..].Trim(' ', '(', ')').Split(',', StringSplitOptions.TrimEntries)]);
    }

    private static (string[] Path, bool IsEqual, string Value) FieldTerm(string term)
    {
        var (key, isEqual, value) = Equality(term);
        return (key.Split('.'), isEqual, value);
    }

    private static (string Key, bool IsEqual, string Value) Equality(string term)
    {
        var at = term.IndexOf('=', StringComparison.Ordinal);
        return at < 1
            ? throw new FormatException($"found '{term}', expected: key=value")
            : (term[..at].TrimEnd('!').Trim(), term[at - 1] != '!', term[(at + 1)..].TrimStart('=').Trim());
    }

    /// <summary>At commas outside of parentheses.</summary>
    private static IEnumerable<string> Split(string? selector)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i <= (selector?.Length ?? -1); i++)
        {
            var c = i < selector!.Length ? selector[i] : ',';
            depth += c switch { '(' => 1, ')' => -1, _ => 0 };
            if (c == ',' && depth == 0)
            {
                if (selector[start..i].Trim() is { Length: > 0 } term)
                {
                    yield return term;
                }

                start = i + 1;
            }
        }
    }
}
