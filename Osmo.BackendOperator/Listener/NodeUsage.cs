using System.Collections.Immutable;
using System.Globalization;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>What the pods of each node request (contract: backend-protocol §8.3).</summary>
internal sealed class NodeUsage(IReadOnlyCollection<string> workflowNamespaces)
{
    private static readonly ImmutableArray<(string Name, Func<decimal, string> Format)> Resources =
    [
        ("cpu", WholeUnits),
        ("memory", Kibibytes),
        ("ephemeral-storage", Kibibytes),
        ("nvidia.com/gpu", WholeUnits),
    ];

    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _hostnameOfNode = [];
    private readonly Dictionary<string, Footprint> _footprints = [];
    private readonly Dictionary<string, HashSet<string>> _podsOfNode = [];

    /// <summary>Replaces all that is known about pods.</summary>
    public void Reset(IEnumerable<Pod> pods)
    {
        lock (_lock)
        {
            _footprints.Clear();
            _podsOfNode.Clear();
            foreach (var pod in pods)
            {
                Put(pod);
            }
        }
    }

    public void Observe(Pod pod, bool isDeleted)
    {
        lock (_lock)
        {
            Drop(pod.Metadata.Uid ?? pod.Metadata.Name);
            if (!isDeleted)
            {
                Put(pod);
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
            var pods = _podsOfNode.GetValueOrDefault(node, []).Select(uid => _footprints[uid]).ToList();
            return new BackendMessage.ResourceUsage(
                _hostnameOfNode.GetValueOrDefault(node, node),
                Sum(pods),
                Sum(pods.Where(pod => !pod.IsWorkflow)));
        }
    }

    private static ImmutableDictionary<string, string> Sum(IEnumerable<Footprint> pods)
    {
        var list = pods.ToList();
        return Resources.ToImmutableDictionary(
            resource => resource.Name,
            resource => resource.Format(list.Sum(pod => pod.Requests.GetValueOrDefault(resource.Name))));
    }

    private void Put(Pod pod)
    {
        if (pod.Spec.NodeName is not { } node || pod.Status.Phase is not (PodPhase.Running or PodPhase.Pending))
        {
            return;
        }

        var requests = new Dictionary<string, decimal>();
        foreach (var (resource, quantity) in pod.Spec.Containers.SelectMany(container => container.Requests))
        {
            requests[resource] = requests.GetValueOrDefault(resource) + Quantity.ParseOrZero(quantity);
        }

        var uid = pod.Metadata.Uid ?? pod.Metadata.Name;
        _footprints[uid] = new Footprint(node, workflowNamespaces.Contains(pod.Metadata.Namespace ?? ""), requests);
        if (!_podsOfNode.TryGetValue(node, out var pods))
        {
            _podsOfNode[node] = pods = [];
        }

        pods.Add(uid);
    }

    private void Drop(string uid)
    {
        if (_footprints.Remove(uid, out var footprint))
        {
            var pods = _podsOfNode[footprint.Node];
            pods.Remove(uid);
            if (pods.Count == 0)
            {
                _podsOfNode.Remove(footprint.Node);
            }
        }
    }

    private static string WholeUnits(decimal value) => decimal.Ceiling(value).ToString("0", CultureInfo.InvariantCulture);

    private static string Kibibytes(decimal value) => decimal.Ceiling(value / 1024).ToString("0", CultureInfo.InvariantCulture) + "Ki";

    private sealed record Footprint(string Node, bool IsWorkflow, IReadOnlyDictionary<string, decimal> Requests);
}
