using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;
using Osmo.Storage.Queries;

namespace Osmo.Gateway.Workflows;

/// <summary>
/// Reads <c>key=pattern</c>: the pattern may hold <c>*</c> and flat alternatives <c>(a|b)</c> (contract: workflow-spec §9.3).
/// </summary>
internal static partial class LabelSelectors
{
    public const int BytesMax = 4096;

    public const int PatternsMax = 32;

    public static bool TryParse(string text, [NotNullWhen(true)] out LabelSelector? selector, [NotNullWhen(false)] out string? error)
    {
        selector = null;
        if (Encoding.UTF8.GetByteCount(text) > BytesMax)
        {
            error = $"Label selectors can have at most {BytesMax} bytes.";
            return false;
        }

        var split = text.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0 || split == text.Length - 1)
        {
            error = $"Label selector \"{text}\" must use key=value format.";
            return false;
        }

        if (Expand(text[(split + 1)..], out var malformed) is not { } patterns)
        {
            error = malformed ?? "";
            return false;
        }

        foreach (var pattern in patterns)
        {
            if (!Value().IsMatch(pattern.Replace('*', 'a')))
            {
                error = $"Label selector \"{text}\" allows \"{pattern}\", which is not a valid label value.";
                return false;
            }
        }

        selector = new(text[..split], patterns);
        error = null;
        return true;
    }

    /// <summary>Every combination of alternatives; null and an error when the pattern is malformed or means too many.</summary>
    private static ImmutableArray<string>? Expand(string pattern, out string? error)
    {
        ImmutableArray<string> expanded = [""];
        for (var rest = pattern; rest.Length > 0;)
        {
            var open = rest.IndexOfAny(['(', ')', '|']);
            var literal = open < 0 ? rest : rest[..open];
            ImmutableArray<string> parts = [literal];
            rest = rest[literal.Length..];
            if (literal.Length == 0)
            {
                var close = rest.IndexOf(')', StringComparison.Ordinal);
                parts = rest[0] == '(' && close > 0 ? [.. rest[1..close].Split('|')] : [];
                if (parts.Length < 2 || parts.Any(part => part.Length == 0 || part.Contains('(', StringComparison.Ordinal)))
                {
                    error = $"Label selector pattern \"{pattern}\" is malformed; alternatives are written (a|b).";
                    return null;
                }

                rest = rest[(close + 1)..];
            }

            if (expanded.Length * parts.Length > PatternsMax)
            {
                error = $"Label selector pattern \"{pattern}\" means more than {PatternsMax} values.";
                return null;
            }

            expanded = [.. expanded.SelectMany(_ => parts, (start, part) => start + part)];
        }

        error = null;
        return expanded;
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Value();
}
