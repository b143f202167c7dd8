using System.Collections.Immutable;
using System.Globalization;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>The <c>resource</c> message of a node (contract: backend-protocol §8.1). Pure.</summary>
internal static class NodeReport
{
    private const string FeatureLabels = "feature.node.kubernetes.io";

    public static string HostnameOf(Node node) => node.Metadata.Labels.GetValueOrDefault("kubernetes.io/hostname", "-");

    public static BackendMessage.Resource Of(Node node, NodeRules rules) => new(
        HostnameOf(node),
        rules.IsAvailable(node),
        [.. node.Status.Conditions.Where(condition => condition.Status == "True").Select(condition => condition.Type)],
        ImmutableDictionary<string, string>.Empty,
        (node.Status.Allocatable ?? []).ToImmutableDictionary(pair => pair.Key, pair => Allocatable(pair.Key, Quantity.TextOf(pair.Value))),
        node.Metadata.Labels.Where(label => !label.Key.StartsWith(FeatureLabels, StringComparison.Ordinal)).ToImmutableDictionary(),
        [.. node.Spec.Taints.Select(taint => new NodeTaint(taint.Effect, taint.Key, taint.Value, taint.TimeAdded))]);

    private static string Allocatable(string resource, string quantity) =>
        resource == "cpu" && Quantity.TryParse(quantity, out var cores)
            ? decimal.Truncate(cores).ToString("0", CultureInfo.InvariantCulture)
            : quantity;
}
