using System.Collections.Immutable;
using System.Globalization;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>What the pods of each node request (contract: backend-protocol §8.3), kept as sums.</summary>
internal sealed class NodeUsage(IReadOnlyCollection<string> workflowNamespaces)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _hostnameOfNode = [];
    private readonly Dictionary<string, Share> _shares = [];
    private readonly Dictionary<string, Total> _totals = [];
    private HashSet<string>? _listed;

    /// <summary>A list of all pods begins.</summary>
    public void BeginList()
    {
        lock (_lock)
        {
            _listed = [];
        }
    }

    /// <summary>Pods that were not seen since <see cref="BeginList"/> are gone.</summary>
    public void EndList()
    {
        lock (_lock)
        {
            foreach (var uid in _shares.Keys.Except(_listed ?? []).ToList())
            {
                Drop(uid);
            }

            _listed = null;
        }
    }

    public void Observe(ObservedPod pod, bool isDeleted = false)
    {
        lock (_lock)
        {
            Drop(pod.Uid);
            _listed?.Add(pod.Uid);
            if (!isDeleted && pod is { Node: { } node, Requests: { } requests })
            {
                var share = new Share(node, requests, !workflowNamespaces.Contains(pod.Namespace ?? ""));
                _shares[pod.Uid] = share;
                _totals[node] = _totals.GetValueOrDefault(node).Plus(share);
            }
        }
    }

    public void ObserveNode(Node node)
    {
        lock (_lock)
        {
            _hostnameOfNode[node.Metadata.Name] = NodeReport.HostnameOf(node);
        }
    }

    public void ForgetNode(string node)
    {
        lock (_lock)
        {
            _hostnameOfNode.Remove(node);
        }
    }

    public BackendMessage.ResourceUsage Of(string node)
    {
        lock (_lock)
        {
            var total = _totals.GetValueOrDefault(node);
            return new BackendMessage.ResourceUsage(_hostnameOfNode.GetValueOrDefault(node, node), Fields(total.All), Fields(total.NonWorkflow));
        }
    }

    private void Drop(string uid)
    {
        if (_shares.Remove(uid, out var share))
        {
            var total = _totals[share.Node].Minus(share);
            if (total.Pods == 0)
            {
                _totals.Remove(share.Node);
            }
            else
            {
                _totals[share.Node] = total;
            }
        }
    }

    private static ImmutableDictionary<string, string> Fields(Footprint sum) => ImmutableDictionary.CreateRange(
    [
        KeyValuePair.Create("cpu", WholeUnits(sum.Cpu)),
        KeyValuePair.Create("memory", Kibibytes(sum.Memory)),
        KeyValuePair.Create("ephemeral-storage", Kibibytes(sum.EphemeralStorage)),
        KeyValuePair.Create("nvidia.com/gpu", WholeUnits(sum.Gpu)),
    ]);

    private static string WholeUnits(decimal value) => decimal.Ceiling(value).ToString("0", CultureInfo.InvariantCulture);

    private static string Kibibytes(decimal value) => decimal.Ceiling(value / 1024).ToString("0", CultureInfo.InvariantCulture) + "Ki";

    private sealed record Share(string Node, Footprint Requests, bool IsForeign);

    private readonly record struct Total(int Pods, Footprint All, Footprint NonWorkflow)
    {
        public Total Plus(Share share) => new(Pods + 1, All + share.Requests, share.IsForeign ? NonWorkflow + share.Requests : NonWorkflow);

        public Total Minus(Share share) => new(Pods - 1, All - share.Requests, share.IsForeign ? NonWorkflow - share.Requests : NonWorkflow);
    }
}
