using System.Text.Json.Serialization;

namespace Osmo.Workflows.Configuration;

/// <summary>One resource validation rule: two templates and how they must compare (contract: config §9).</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ResourceAssertion(AssertionOperator Operator, string LeftOperand, string RightOperand, string AssertMessage);

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
