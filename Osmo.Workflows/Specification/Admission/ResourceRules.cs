using System.Globalization;
using System.Numerics;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Quantities;
using Osmo.Workflows.Templates;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>Evaluates resource validation rules: two templates and a comparison (contract: config §9).</summary>
internal sealed class ResourceRules(ITemplateRenderer templates, UserWorkflowLimits limits)
{
    private static readonly string[] UserTokens = ["USER_CPU", "USER_GPU", "USER_MEMORY", "USER_STORAGE"];

    private readonly TemplateLimits _limits =
        new() { MaxTime = TimeSpan.FromSeconds(limits.JinjaSandboxMaxTime), MaxMemory = limits.JinjaSandboxMemoryLimit };

    /// <summary>Request and node as variables; what the task leaves open and has no default is none.</summary>
    public static TemplateValues Variables(TemplateValues request, NodeCapacity? node)
    {
        var variables = UserTokens.Where(token => !request.ByName.ContainsKey(token)).Aggregate(
            request, (values, token) => values.With(token, TemplateValue.None.Instance));
        return node is not { } capacity ? variables : variables
            .With("K8_CPU", Number(capacity.Cpu))
            .With("K8_GPU", Number(capacity.Gpu))
            .With("K8_MEMORY", new TemplateValue.Text(PythonText.Of(capacity.MemoryKibibytes) + "Ki"))
            .With("K8_STORAGE", new TemplateValue.Text(PythonText.Of(capacity.StorageKibibytes) + "Ki"));
    }

    /// <summary>Null when the rule holds, else its message.</summary>
    public string? Violation(ResourceAssertion rule, TemplateValues variables)
    {
        if (Render(rule.LeftOperand, variables, out var left) is { } leftFault)
        {
            return leftFault;
        }

        if (Render(rule.RightOperand, variables, out var right) is { } rightFault)
        {
            return rightFault;
        }

        return Holds(rule.Operator, Operand.Parse(left), Operand.Parse(right))
            ? null
            : Render(rule.AssertMessage, variables, out var message) ?? message;
    }

    private static bool Holds(AssertionOperator comparison, Operand left, Operand right)
    {
        // A value that nobody set cannot break a rule.
        if (left.IsUnset || right.IsUnset)
        {
            return true;
        }

        var order = left.Number is { } a && right.Number is { } b ? a.CompareTo(b) : string.CompareOrdinal(left.Text, right.Text);
        return comparison switch
        {
            AssertionOperator.Gt => order > 0,
            AssertionOperator.Ge => order >= 0,
            AssertionOperator.Lt => order < 0,
            AssertionOperator.Le => order <= 0,
            AssertionOperator.Eq => order == 0,
            _ => throw new ArgumentOutOfRangeException(nameof(comparison), comparison, "Not an operator."),
        };
    }

    /// <summary>Null, or why the template gives no text.</summary>
    private string? Render(string template, TemplateValues variables, out string text)
    {
        var result = templates.Render(template, variables, _limits);
        text = (result as TemplateResult.Rendered)?.Text ?? "";
        return result is TemplateResult.Failed failed ? $"the rule '{template}' cannot be evaluated: {failed.Message}" : null;
    }

    private static TemplateValue Number(double value) =>
        double.IsInteger(value) ? new TemplateValue.Int(new BigInteger(value)) : new TemplateValue.Float(value);

    /// <summary>A quantity as whole Ki, a number, or a text.</summary>
    private readonly record struct Operand(string Text, double? Number)
    {
        private const string Unset = "None";

        public bool IsUnset => Text == Unset;

        public static Operand Parse(string text)
        {
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                return new Operand(text, number);
            }

            return Quantity.TryParse(text, out var quantity) == QuantityFault.None
                ? new Operand(text, Math.Truncate(quantity.In(QuantityUnit.Ki)))
                : new Operand(text, null);
        }
    }
}
