using System.Text.Json.Nodes;
using Osmo.Embedded.Simulation;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Record;
using Osmo.Simulation.World;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Cluster;

/// <summary>An object that is not a pod.</summary>
internal sealed record ClusterObject(string Kind, string Name, string WorkflowUuid, string GroupUuid);

/// <summary>The cluster of one backend: its nodes, pods and other objects. It never dies; what it says reaches whoever watches at that moment.</summary>
internal sealed class SimulatedCluster(SimulatedProcess process, Network network, FaultRates rates, RunRecord record)
{
    private readonly List<SimulatedPod> _pods = [];
    private readonly List<ClusterObject> _objects = [];
    private readonly List<string> _nodes = ["node-1", "node-2", "node-3"];
    private int _nodesEver = 3;

    public SimulatedProcess Process => process;

    public Network Network => network;

    public RunRecord Record => record;

    public Dice Dice => network.Dice;

    public IReadOnlyList<SimulatedPod> Pods => _pods;

    public IReadOnlyList<ClusterObject> Objects => _objects;

    public IReadOnlyList<string> Nodes => _nodes;

    /// <summary>Told of everything that is seen of pods; null while nobody watches.</summary>
    public Action<SimulatedPod>? OnPod { get; set; }

    public Action<string>? OnNodeGone { get; set; }

    public string AnyNode() => Dice.Of(_nodes);

    /// <summary>Creates an object unless it is there; false when it was.</summary>
    public bool Create(JsonNode manifest, DateTimeOffset preparedAt)
    {
        var (kind, metadata) = (manifest["kind"]!.GetValue<string>(), manifest["metadata"]!);
        var labels = metadata["labels"]!;
        var (workflow, group) = (labels["osmo.workflow_uuid"]!.GetValue<string>(), labels["osmo.group_uuid"]!.GetValue<string>());
        if (kind != "Pod")
        {
            var item = new ClusterObject(kind, metadata["name"]!.GetValue<string>(), workflow, group);
            if (_objects.Contains(item)) return false;

            _objects.Add(item);
            return true;
        }

        return CreatePod(
            new PodLabels(
                workflow,
                group,
                labels["osmo.task_name"]!.GetValue<string>(),
                labels["osmo.task_uuid"]!.GetValue<string>(),
                int.Parse(labels["osmo.retry_id"]!.GetValue<string>())),
            preparedAt);
    }

    public void DeleteObjects(string kind, string groupUuid) => _objects.RemoveAll(item => item.Kind == kind && item.GroupUuid == groupUuid);

    public IReadOnlyList<SimulatedPod> FindPods(string groupUuid, string? task = null, int? retryId = null) =>
        _pods.FindAll(pod => pod.Labels.GroupUuid == groupUuid
            && (task is null || pod.Labels.Task == task)
            && (retryId is null || pod.Labels.RetryId == retryId));

    public void Observe(SimulatedPod pod) => OnPod?.Invoke(pod);

    public void Forget(SimulatedPod pod) => _pods.Remove(pod);

    /// <summary>A node is lost with all pods on it; another one comes.</summary>
    public void LoseNode(string node)
    {
        if (!_nodes.Remove(node)) return;

        _nodes.Add($"node-{++_nodesEver}");
        foreach (var pod in _pods.FindAll(pod => pod.Node == node)) pod.Vanish();
        OnNodeGone?.Invoke(node);
    }

    private bool CreatePod(PodLabels labels, DateTimeOffset preparedAt)
    {
        // All attempts of a task share one name.
        if (_pods.Exists(pod => pod.Labels.TaskUuid == labels.TaskUuid)) return false;

        var workflow = record.Find(labels.WorkflowUuid)!;
        var unfinished = workflow.UpstreamOf(workflow.GroupOf(labels.Task))
            .Where(upstream => record.Rows.Group(labels.WorkflowUuid, upstream)?.Status != TaskGroupStatus.Completed);
        record.Births.Add(new PodBirth(
            labels.WorkflowUuid,
            labels.Task,
            labels.RetryId,
            process.Time.GetUtcNow(),
            preparedAt,
            [.. unfinished],
            _pods.Count(pod => pod.Labels.WorkflowUuid == labels.WorkflowUuid && pod.Labels.Task == labels.Task)));
        var born = new SimulatedPod(this, labels, PodFate.Draw(rates, Dice));
        _pods.Add(born);
        record.Start(process, born.Live);
        return true;
    }
}
