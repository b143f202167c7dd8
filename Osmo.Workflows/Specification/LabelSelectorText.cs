using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Osmo.Workflows.Specification;

/// <summary>
/// Label selectors of lists (contract: workflow-spec §9.3): <c>key=pattern</c>, the pattern made of literals, <c>*</c>, and flat groups
/// <c>(a|b)</c>. Groups are multiplied out, so what remains are patterns with <c>*</c> only.
/// </summary>
public sealed record LabelSelectorText
{
    public const int MaxBytes = 4096;

    /// <summary>Patterns after multiplying out.</summary>
    public const int MaxPatterns = 32;

    private LabelSelectorText(string key, ImmutableArray<string> patterns)
    {
        Key = key;
        Patterns = patterns;
    }

    public string Key { get; }

    /// <summary>The value must match one of them, whole and case-sensitive; a lone <c>*</c> only asks for the key.</summary>
    public ImmutableArray<string> Patterns { get; }

    /// <param name="text">Such as <c>team=(vision|robots)</c>.</param>
    /// <param name="selector">The selector.</param>
    /// <param name="fault">What is wrong; code USAGE.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out LabelSelectorText? selector, [NotNullWhen(false)] out string? fault)
    {
        selector = null;
        var split = text.IndexOf('=', StringComparison.Ordinal);
        fault = Encoding.UTF8.GetByteCount(text) > MaxBytes ? $"A label selector can have at most {MaxBytes} bytes."
            : split < 0 ? $"Label selector \"{text}\" must use key=value format."
            : WorkflowLabels.KeyFault(text[..split]);
        if (fault is not null)
        {
            return false;
        }

        var patterns = Expand(text[(split + 1)..], text, out fault);
        fault ??= patterns.FirstOrDefault(pattern => !IsValue(pattern)) is { } odd
            ? $"Label selector \"{text}\" cannot match any label value: \"{odd}\"."
            : null;
        selector = fault is null ? new LabelSelectorText(text[..split], patterns) : null;
        return fault is null;
    }

    public bool Matches(string value) => Patterns.Any(pattern => Glob(pattern, value));

    /// <summary>With a letter for every '*', the pattern must be a value that a label can have.</summary>
    private static bool IsValue(string pattern) => WorkflowLabels.IsSegment(pattern.Replace('*', 'a'));

    private static ImmutableArray<string> Expand(string pattern, string text, out string? fault)
    {
        fault = null;
        ImmutableArray<string> expanded = [""];
        while (pattern.Length > 0)
        {
            var open = pattern.IndexOfAny(['(', ')', '|']);
            var literal = open < 0 ? pattern : pattern[..open];
            expanded = [.. expanded.Select(prefix => prefix + literal)];
            if (open < 0)
            {
                break;
            }

            var close = pattern.IndexOf(')', open);
            var alternatives = pattern[open] == '(' && close > open ? pattern[(open + 1)..close].Split('|') : [];
            if (alternatives.Length < 2 || alternatives.Any(alternative => alternative is "" || alternative.Contains('(')))
            {
                fault = $"Label selector \"{text}\" has a bad group; write (a|b) with at least two alternatives, not nested.";
                return [];
            }

            if (expanded.Length * alternatives.Length > MaxPatterns)
            {
                fault = $"Label selector \"{text}\" stands for more than {MaxPatterns} patterns.";
                return [];
            }

            expanded = [.. expanded.SelectMany(prefix => alternatives.Select(alternative => prefix + alternative))];
            pattern = pattern[(close + 1)..];
        }

        return expanded;
    }

    /// <summary>Greedy match with one point of return: linear in practice, never exponential.</summary>
    private static bool Glob(string pattern, string value)
    {
        var (p, v, star, retry) = (0, 0, -1, 0);
        while (v < value.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, retry) = (p++, v);
            }
            else if (p < pattern.Length && pattern[p] == value[v])
            {
                (p, v) = (p + 1, v + 1);
            }
            else if (star >= 0)
            {
                (p, v) = (star + 1, ++retry);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).Trim('*').IsEmpty;
    }
}
