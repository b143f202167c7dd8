using System.Collections.Immutable;
using System.Text;
using Osmo.Embedded.Simulation;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Cluster;
using Osmo.Simulation.Faults;
using Osmo.Simulation.Record;
using Osmo.Simulation.World;

namespace Osmo.Simulation.Operator;

/// <summary>
/// Brings what is seen of the cluster to the control plane, again and again until it is acknowledged: of one workflow in order, unless the run wants some to
/// overtake others or to come twice.
/// </summary>
internal sealed class Listener(SimulatedProcess process, string backend, SimulatedCluster cluster, ControlPlane controlPlane, FaultRates rates)
{
    private const int BatchMax = 5;

    private static readonly TimeSpan HeartbeatPeriod = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestDetour = TimeSpan.FromSeconds(40);

    private readonly Dictionary<string, Queue<PodReport>> _lanes = new(StringComparer.Ordinal);

    private Dice Dice => cluster.Dice;

    /// <summary>Everything as it is now, and then every change.</summary>
    public async Task Run()
    {
        await cluster.Network.CallUntilAnswered(process, grains => Backend(grains).Register(new RegisterBackend($"cluster of {backend}", "pods", "6.0", "osmo.nvidia.com/")));
        cluster.OnPod = Send;
        cluster.OnNodeGone = node => cluster.Record.Start(process, () => ReportNodeGone(node));
        foreach (var pod in cluster.Pods.ToList()) Send(pod);

        await ReportNodes();
        while (true)
        {
            await process.Pause(HeartbeatPeriod);
            await cluster.Network.CallUntilAnswered(process, grains => Backend(grains).Heartbeat());
        }
    }

    private void Send(SimulatedPod pod)
    {
        foreach (var report in pod.Reports) Send(pod.Labels.WorkflowUuid, report);
        if (Dice.Once(0.3)) cluster.Record.Start(process, () => SendEvents(pod));
    }

    /// <summary>All conditions of a pod whenever one changes; the log knows which it has.</summary>
    private async Task SendEvents(SimulatedPod pod)
    {
        var text = $"[{pod.Labels.Task}] PodScheduled: True\n[{pod.Labels.Task}] {pod.Status}: True\n";
        var append = new LogAppend(LogStream.Events, pod.Labels.Task, pod.Labels.RetryId, null, 2, Encoding.UTF8.GetBytes(text));
        await cluster.Network.CallUntilAnswered(process, grains => grains.GetGrain<IWorkflowLogGrain>(pod.Labels.WorkflowUuid).AppendEvents([append]));
    }

    private void Send(string workflow, PodReport report)
    {
        cluster.Record.Messages.Add((workflow, $"{report}", grains => Workflow(grains, workflow).ReportPods(backend, [report])));
        if (Dice.Once(rates.ReportComesTwice)) cluster.Record.Start(process, () => SendLate(workflow, report));
        if (Dice.Once(rates.ReportOvertakes))
        {
            cluster.Record.Start(process, () => SendLate(workflow, report));
            return;
        }

        if (_lanes.TryGetValue(workflow, out var lane))
        {
            lane.Enqueue(report);
            return;
        }

        _lanes[workflow] = lane = new Queue<PodReport>([report]);
        cluster.Record.Start(process, () => Deliver(workflow, lane));
    }

    private async Task SendLate(string workflow, PodReport report)
    {
        await process.Pause(Dice.Between(TimeSpan.Zero, LongestDetour));
        await Deliver(workflow, ImmutableArray.Create(report));
    }

    private async Task Deliver(string workflow, Queue<PodReport> lane)
    {
        while (lane.Count > 0)
        {
            var batch = lane.Take(BatchMax).ToImmutableArray();
            await Deliver(workflow, batch);
            foreach (var _ in batch) lane.Dequeue();
        }

        _lanes.Remove(workflow);
    }

    private async Task Deliver(string workflow, ImmutableArray<PodReport> reports)
    {
        await cluster.Network.CallUntilAnswered(process, grains => Workflow(grains, workflow).ReportPods(backend, reports));
        foreach (var report in reports)
        {
            var task = cluster.Record.Rows.Plan(workflow)?.Groups.SelectMany(group => group.Tasks).FirstOrDefault(task => task.Uuid == report.TaskUuid)?.Name;
            cluster.Record.Reports.Add(new AcknowledgedReport(
                workflow,
                report,
                task is null ? null : cluster.Record.Rows.Attempt(workflow, task, report.RetryId),
                task is null ? null : cluster.Record.Rows.Latest(workflow, task)?.RetryId));
        }
    }

    /// <summary>All nodes there are; workflows with tasks on others learn that these are gone, as a gateway tells them.</summary>
    private async Task ReportNodes()
    {
        await cluster.Network.CallUntilAnswered(process, async grains =>
        {
            var known = await controlPlane.Queries.Nodes([backend]);
            foreach (var gone in known.Select(row => row.Key.Id).Except(cluster.Nodes)) await TellWorkflows(grains, gone);

            ImmutableArray<NodeReport> reports = [new NodeReport.All([.. cluster.Nodes]), .. cluster.Nodes.Select(Resource)];
            await Backend(grains).ReportNodes(reports);
        });
    }

    private Task ReportNodeGone(string node) => cluster.Network.CallUntilAnswered(process, async grains =>
    {
        await TellWorkflows(grains, node);
        await Backend(grains).ReportNodes([new NodeReport.Removed(node), .. cluster.Nodes.Select(Resource)]);
    });

    private async Task TellWorkflows(IGrainFactory grains, string node)
    {
        foreach (var workflow in (await controlPlane.Queries.TasksOnNode(backend, node)).Select(row => row.Key.Partition).Distinct())
        {
            cluster.Record.Messages.Add((workflow, $"{node} is gone", again => Workflow(again, workflow).RemoveNode(node)));
            await Workflow(grains, workflow).RemoveNode(node);
        }
    }

    private static NodeReport Resource(string node) => new NodeReport.ResourceChanged(
        node, """{"available": true, "conditions": ["Ready"], "allocatable_fields": {"cpu": "64"}, "label_fields": {}, "taints": []}""");

    private IBackendGrain Backend(IGrainFactory grains) => grains.GetGrain<IBackendGrain>(backend);

    private static IWorkflowGrain Workflow(IGrainFactory grains, string workflow) => grains.GetGrain<IWorkflowGrain>(workflow);
}
