using System.Text.Json;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>Binds waiting pods to the node, oldest first, as far as their requests fit. One caller at a time.</summary>
internal sealed class LocalScheduler(ObjectStore store, EventRecorder events, LocalClusterOptions options, TimeProvider time)
{
    private static readonly Dictionary<string, string> NoLabels = [];

    private readonly PodScheduling _scheduling = new(LocalNode.Allocatable(options));
    private readonly SortedDictionary<long, (Pod Pod, IReadOnlyDictionary<string, decimal> Requests)> _waiting = [];
    private readonly Dictionary<string, long> _arrivalOf = [];
    private readonly Dictionary<string, IReadOnlyDictionary<string, decimal>> _taken = [];
    private long _arrivals;
    private bool _hasChanged;

    /// <summary>All pods it knows of.</summary>
    public IEnumerable<string> Uids => _arrivalOf.Keys.Concat(_taken.Keys);

    /// <summary>A pod without node; once is enough.</summary>
    public void Add(Pod pod)
    {
        if (_arrivalOf.TryAdd(pod.Metadata.Uid!, _arrivals))
        {
            _waiting[_arrivals++] = (pod, PodScheduling.RequestsOf(pod.Spec));
            _hasChanged = true;
        }
    }

    /// <summary>A pod that is on the node and not over.</summary>
    public void Take(Pod pod)
    {
        var requests = PodScheduling.RequestsOf(pod.Spec);
        if (_taken.TryAdd(pod.Metadata.Uid!, requests))
        {
            _scheduling.Take(requests);
        }
    }

    /// <summary>A pod that is over, or gone.</summary>
    public void Forget(string uid)
    {
        if (_arrivalOf.Remove(uid, out var arrival))
        {
            _waiting.Remove(arrival);
        }

        if (_taken.Remove(uid, out var requests))
        {
            _scheduling.GiveBack(requests);
            _hasChanged = true;
        }
    }

    /// <summary>The node is not what it was.</summary>
    public void NodeChanged() => _hasChanged = true;

    /// <summary>Gives each pod as soon as it is on the node. After a failure the next call goes on with those that still wait.</summary>
    /// <exception cref="IOException">The binding cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The binding cannot be written.</exception>
    public IEnumerable<Pod> BindWhatFits()
    {
        if (!_hasChanged)
        {
            yield break;
        }

        var labels = store.Find(LocalNode.RefOf(options.NodeName))?.Metadata.Labels ?? NoLabels;
        foreach (var (arrival, (pod, requests)) in _waiting.ToList())
        {
            if (_scheduling.WhyNot(pod.Spec, requests, labels) is { } reason)
            {
                Refuse(arrival, pod, requests, reason);
            }
            else if (Bind(pod) is { } onNode)
            {
                yield return onNode;
            }
        }

        _hasChanged = false;
    }

    private void Refuse(long arrival, Pod pod, IReadOnlyDictionary<string, decimal> requests, string reason)
    {
        if (pod.Status.Conditions.Any(condition => condition.Message == reason))
        {
            return;
        }

        var status = LocalPodStatus.Unschedulable(pod.Status, reason, time.GetUtcNow());
        store.Update(pod.Ref, document => document["status"] = JsonSerializer.SerializeToNode(status, KubernetesJson.Default.PodStatus));
        _waiting[arrival] = (pod with { Status = status }, requests);
        events.Warning(pod.Metadata, "FailedScheduling", reason);
    }

    private Pod? Bind(Pod pod)
    {
        var bound = store.Update(pod.Ref, document => document["spec"]!["nodeName"] = options.NodeName);
        Forget(pod.Metadata.Uid!);
        if (bound is null || bound.Metadata.Uid != pod.Metadata.Uid)
        {
            return null;
        }

        Take(pod);
        events.Normal(pod.Metadata, "Scheduled", $"Successfully assigned {pod.Metadata.Namespace}/{pod.Metadata.Name} to {options.NodeName}");
        return bound.AsPod();
    }
}
