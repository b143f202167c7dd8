using System.Collections.Immutable;
using Osmo.Workflows.Configuration;

namespace Osmo.Workflows.Specification;

/// <summary>Rules of the administrator on labels (contract: workflow-spec §9.2): the first enforced one rejects, the others warn.</summary>
public static class LabelPolicyCheck
{
    /// <summary>What the rules of today say of labels that were accepted some time ago; nobody is rejected afterwards.</summary>
    public static ImmutableArray<string> Warnings(ImmutableArray<KeyValuePair<string, string>> labels, LabelsConfig config) =>
        [.. config.Policy.Where(policy => policy.Enforcement == LabelEnforcement.Warn).Select(policy => Violation(policy, labels)).OfType<string>()];

    internal static SpecOutcome Apply(SpecOutcome.Accepted accepted, LabelsConfig config)
    {
        var labels = accepted.Spec.Labels;
        foreach (var (key, _) in labels)
        {
            var prefixed = config.PodLabelPrefix + key;
            if (config.PodLabelPrefix.Length > 0 && WorkflowLabels.KeyFault(prefixed) is { } fault)
            {
                return Rejected($"Label key \"{key}\" with the configured pod label prefix \"{config.PodLabelPrefix}\" forms an invalid Kubernetes label key \"{prefixed}\": {fault}", key);
            }
        }

        var warnings = accepted.Warnings.ToBuilder();
        foreach (var policy in config.Policy.Where(policy => policy.Enforcement != LabelEnforcement.Off))
        {
            var message = Violation(policy, labels);
            if (message is not null && policy.Enforcement == LabelEnforcement.Enforce)
            {
                return Rejected(message, policy.Key);
            }

            if (message is not null)
            {
                warnings.Add(message);
            }
        }

        return accepted with { Warnings = warnings.ToImmutable() };
    }

    private static string? Violation(LabelPolicy policy, ImmutableArray<KeyValuePair<string, string>> labels)
    {
        var enforced = policy.Enforcement == LabelEnforcement.Enforce;
        var value = labels.Where(label => label.Key == policy.Key).Select(label => label.Value).FirstOrDefault();
        var message = value switch
        {
            null => enforced
                ? $"Workflow is missing required label '{policy.Key}'."
                : $"Workflow is missing label '{policy.Key}'; add it now to avoid rejected submissions once it is required.",
            _ when policy.AllowList.IsEmpty || policy.AllowList.Contains(value) => null,
            _ when enforced => $"Workflow label '{policy.Key}' has a value that is not allowed.",
            _ => $"Workflow label '{policy.Key}' has a value that is not allowed; "
                + "use an allowed value now to avoid rejected submissions once the label is required.",
        };
        return message is null || policy.AssertMessage.Length == 0 ? message : $"{message} {policy.AssertMessage}";
    }

    private static SpecOutcome.Rejected Rejected(string message, string key) => new(new SpecRejection
    {
        Code = SpecErrorCode.Usage,
        Message = message,
        Problems = [new SpecProblem($"workflow.labels.{key}", default, message)],
    });
}
