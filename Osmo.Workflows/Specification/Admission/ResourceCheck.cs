using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Objects;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Specification.Admission;

/// <summary>
/// Resource validation rules of the platforms (contract: workflow-spec §8.4, config §9). Static rules must all hold; of the nodes, one
/// must satisfy all rules that speak of nodes. Only capacity counts, never what is in use.
/// </summary>
internal static class ResourceCheck
{
    public static AdmissionFault? StaticRules(Submission submission, ResourceRules rules)
    {
        var judged = new Dictionary<(string Resource, string? CacheSize), ImmutableArray<string>>();
        return AdmissionFault.Of(
            SpecErrorCode.User,
            from task in submission.Tasks
            let violations = Judge(task)
            where !violations.IsEmpty
            select task.Problem("resource", $"{Header(task)}\n{string.Join('\n', violations.Select(text => Reason(task, text)))}"));

        // Tasks that ask for the same get the same answer.
        ImmutableArray<string> Judge(PlacedTask task)
        {
            var asked = (task.Spec.Resource, task.Spec.CacheSize);
            if (!judged.TryGetValue(asked, out var violations))
            {
                violations = StaticViolations(task, PlatformCheck.Platform(submission, task), rules);
                judged.Add(asked, violations);
            }

            return violations;
        }
    }

    public static AdmissionFault? NodeRules(Submission submission, ResourceRules rules)
    {
        var judged = new HashSet<(string Resource, string? CacheSize)>();
        return AdmissionFault.Of(
            SpecErrorCode.Resource,
            from task in submission.Tasks
            where judged.Add((task.Spec.Resource, task.Spec.CacheSize))
            let fault = NodeFault(task, PlatformCheck.Platform(submission, task), submission.Facts, rules)
            where fault is not null
            select task.Problem("resource", fault));
    }

    private static ImmutableArray<string> StaticViolations(PlacedTask task, PlatformModel platform, ResourceRules rules)
    {
        var variables = ResourceRules.Variables(Request(task, platform), node: null);
        return
        [
            .. platform.StaticValidations.Select(rule => rules.Violation(rule, variables)).OfType<string>(),
        ];
    }

    private static string? NodeFault(PlacedTask task, PlatformModel platform, SubmissionFacts facts, ResourceRules rules)
    {
        if (platform.NodeValidations.IsEmpty)
        {
            return null;
        }

        if (facts.Nodes.GetValueOrDefault(platform.Name) is not { IsDefaultOrEmpty: false } nodes)
        {
            return $"There are no resources in platform {platform.Name} and pool {facts.Pool.Name}!";
        }

        var request = Request(task, platform);
        var reasons = new Dictionary<NodeCapacity, string?>();
        foreach (var node in nodes)
        {
            if (!reasons.TryGetValue(node.Capacity, out var reason))
            {
                var variables = ResourceRules.Variables(request, node.Capacity);
                reason = platform.NodeValidations.Select(rule => rules.Violation(rule, variables)).FirstOrDefault(violation => violation is not null);
                reasons.Add(node.Capacity, reason);
            }

            if (reason is null)
            {
                return null;
            }
        }

        return $"{Header(task)}\n{NodeTable.Write(nodes, node => Reason(task, reasons[node.Capacity]!))}\nPlease check available resources with \"osmo resource list\".";
    }

    private static TemplateValues Request(PlacedTask task, PlatformModel platform) =>
        ResourceVariables.Of(task.Resource, task.Spec.CacheSize, platform.Variables);

    private static string Header(PlacedTask task) => $"Resource validation failed for task: {task.Spec.Name}";

    private static string Reason(PlacedTask task, string violation) => $"Assertion failed for task {task.Spec.Name}: {violation}";
}
