using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>Which waiting pods fit onto the node: pure arithmetic on requests.</summary>
internal sealed class PodScheduling(IReadOnlyDictionary<string, decimal> allocatable)
{
    private readonly Dictionary<string, decimal> _used = [];

    /// <summary>Sum of the containers' requests, or the largest init container's where that is more; one of <c>pods</c>.</summary>
    public static IReadOnlyDictionary<string, decimal> RequestsOf(PodSpec spec)
    {
        var requests = new Dictionary<string, decimal>();
        foreach (var (resource, quantity) in spec.Containers.SelectMany(container => container.Requests))
        {
            requests[resource] = requests.GetValueOrDefault(resource) + Quantity.ParseOrZero(quantity);
        }

        foreach (var (resource, quantity) in spec.InitContainers.SelectMany(container => container.Requests))
        {
            requests[resource] = Math.Max(requests.GetValueOrDefault(resource), Quantity.ParseOrZero(quantity));
        }

        requests["pods"] = 1;
        return requests;
    }

    public void Take(IReadOnlyDictionary<string, decimal> requests) => Add(requests, 1);

    public void GiveBack(IReadOnlyDictionary<string, decimal> requests) => Add(requests, -1);

    /// <returns>Null when the pod fits; else the reason in the scheduler's words.</returns>
    public string? WhyNot(PodSpec spec, IReadOnlyDictionary<string, decimal> requests, IReadOnlyDictionary<string, string> nodeLabels)
    {
        if (spec.NodeSelector.Any(pair => !nodeLabels.TryGetValue(pair.Key, out var value) || value != pair.Value))
        {
            return "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
        }

        var lacking = requests
            .Where(request => request.Value > 0 && _used.GetValueOrDefault(request.Key) + request.Value > allocatable.GetValueOrDefault(request.Key))
            .Select(request => request.Key == "pods" ? "1 Too many pods" : $"1 Insufficient {request.Key}")
            .Order(StringComparer.Ordinal)
            .ToList();
        return lacking.Count == 0 ? null : $"0/1 nodes are available: {string.Join(", ", lacking)}.";
    }

    private void Add(IReadOnlyDictionary<string, decimal> requests, int sign)
    {
        foreach (var (resource, quantity) in requests)
        {
            _used[resource] = _used.GetValueOrDefault(resource) + (sign * quantity);
        }
    }
}
