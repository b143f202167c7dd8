using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Osmo.Workflows.Configuration;

/// <summary>One resource validation rule: two templates and how they must compare (contract: config §9).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed partial record ResourceAssertion(AssertionOperator Operator, string LeftOperand, string RightOperand, string AssertMessage)
{
    /// <summary>Whether the first expression of either operand speaks of a node; other rules are static.</summary>
    internal bool SpeaksOfNode() => SpeaksOfNode(LeftOperand) || SpeaksOfNode(RightOperand);

    private static bool SpeaksOfNode(string operand) => FirstExpression().Match(operand) is { Success: true } match && NodeToken().IsMatch(match.Value);

    [GeneratedRegex(@"\{\{.*?\}\}", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex FirstExpression();

    [GeneratedRegex("K8_(?:STORAGE|CPU|MEMORY|GPU)", RegexOptions.CultureInvariant)]
    private static partial Regex NodeToken();
}

/// <summary>How the two operands of a rule must compare (contract: config §9).</summary>
[JsonConverter(typeof(WireEnumConverter<AssertionOperator>))]
public enum AssertionOperator
{
    Gt = 1,
    Ge,
    Lt,
    Le,
    Eq,
}
