using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Listener;

/// <summary>
/// Which nodes may be used: regex on the condition's type (anchored at its start) → regex on its status (whole)
/// (contract: backend-protocol §8.2).
/// </summary>
internal sealed class NodeRules
{
    private const string ReadyPattern = "^Ready$";
    private const string ReadyStatus = "True";

    /// <summary>For expressions that can take for ever; longer than a busy machine stands still.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(5);

    private readonly ImmutableArray<(Regex Type, Regex Status)> _rules;

    private NodeRules(ImmutableArray<(Regex Type, Regex Status)> rules) => _rules = rules;

    public static NodeRules Default { get; } = From(ImmutableDictionary<string, string>.Empty)!;

    /// <returns>Null when the rules must be refused: one would take nodes that are not ready, or refuse those that are.</returns>
    public static NodeRules? From(IReadOnlyDictionary<string, string> configured)
    {
        var rules = ImmutableArray.CreateBuilder<(Regex, Regex)>();
        var namesReady = false;
        foreach (var (typePattern, statusPattern) in configured)
        {
            // An invalid expression is no rule.
            if (Compile($@"\A(?:{typePattern})") is not { } type || Compile($@"\A(?:{statusPattern})\z") is not { } status)
            {
                continue;
            }

            if (IsMatch(type, "Ready"))
            {
                if (statusPattern != ReadyStatus)
                {
                    return null;
                }

                namesReady = true;
            }

            rules.Add((type, status));
        }

        if (!namesReady)
        {
            rules.Add((Compile(ReadyPattern)!, Compile($@"\A{ReadyStatus}\z")!));
        }

        return new NodeRules(rules.ToImmutable());
    }

    /// <summary>Not cordoned, and every condition that has rules is allowed by one of them.</summary>
    public bool IsAvailable(Node node) =>
        !node.Spec.Unschedulable
        && node.Status.Conditions.All(condition =>
        {
            var rules = _rules.Where(rule => IsMatch(rule.Type, condition.Type)).ToList();
            return rules.Count == 0 || rules.Any(rule => IsMatch(rule.Status, condition.Status));
        });

    private static Regex? Compile(string pattern)
    {
        try
        {
            // These take no longer than the text is long.
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            // It refers back or looks around.
            return new Regex(pattern, RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsMatch(Regex regex, string text)
    {
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
