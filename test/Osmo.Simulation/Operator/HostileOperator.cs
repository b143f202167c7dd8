using System.Collections.Immutable;
using Osmo.Embedded.Simulation;
using Osmo.Grains.Interfaces;
using Osmo.Simulation.Cluster;
using Osmo.Simulation.World;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Simulation.Operator;

/// <summary>An operator that takes jobs and sits on them, reports nonsense, pods of other backends and leftovers of groups that are alive; until it is replaced by one that works.</summary>
internal sealed class HostileOperator
{
    private const int Connections = 4;

    private readonly SimulatedProcess _process;
    private readonly SimulatedOperator _successor;

    private HostileOperator(SimulatedProcess process, SimulatedOperator successor) => (_process, _successor) = (process, successor);

    public static HostileOperator Start(SimulatedScheduler scheduler, string backend, SimulatedCluster cluster, SimulatedOperator successor)
    {
        var process = scheduler.NewProcess($"hostile operator {backend}");
        for (var connection = 0; connection < Connections; connection++)
        {
            var session = cluster.Dice.Uuid();
            cluster.Record.Start(process, () => SitOnJobs(process, backend, cluster, session));
        }

        cluster.Record.Start(process, () => ReportNonsense(process, backend, cluster));
        return new HostileOperator(process, successor);
    }

    public void Reform()
    {
        _process.Kill();
        _successor.Start();
    }

    private static async Task SitOnJobs(SimulatedProcess process, string backend, SimulatedCluster cluster, string session)
    {
        while (true)
        {
            var held = await cluster.Network.CallUntilAnswered(process, grains => Backend(grains).NextJob(session, default));
            if (held is not null) await cluster.Network.CallUntilAnswered(process, grains => Backend(grains).RenewJob(session, held.JobId));

            await process.Pause(cluster.Dice.Seconds(1, 10));
        }

        IBackendGrain Backend(IGrainFactory grains) => grains.GetGrain<IBackendGrain>(backend);
    }

    /// <summary>Only while things go wrong: each report makes its workflow look at the clock, and one that has forgotten its timer would be helped by them.</summary>
    private static async Task ReportNonsense(SimulatedProcess process, string backend, SimulatedCluster cluster)
    {
        while (cluster.Record.CalmSince == DateTimeOffset.MaxValue)
        {
            await process.Pause(cluster.Dice.Seconds(1, 10));
            var uuid = cluster.Dice.Of([.. cluster.Record.Workflows.Select(workflow => workflow.Uuid), cluster.Dice.Uuid()]);
            var plan = cluster.Record.Rows.Plan(uuid);
            ImmutableArray<PodReport> reports =
            [
                new PodReport.StatusChanged(cluster.Dice.Uuid(), 0, "", "RUNNING", null, null, null),
                new PodReport.StatusChanged(cluster.Dice.Uuid(), -1, "", "NO_STATUS", 77, "", ""),
                new PodReport.Starting(cluster.Dice.Uuid(), int.MaxValue, "nonsense"),
                .. plan is null || plan.Backend == backend ? [] : PodsOfOthers(plan),
            ];
            ImmutableArray<string> groups = [cluster.Dice.Uuid(), .. plan?.Groups.Select(group => group.Uuid) ?? []];
            await cluster.Network.CallUntilAnswered(process, grains => grains.GetGrain<IWorkflowGrain>(uuid).ReportPods(backend, reports));
            await cluster.Network.CallUntilAnswered(process, grains => grains.GetGrain<IWorkflowGrain>(uuid).ReportLeftovers(backend, groups));
        }
    }

    /// <summary>That every task of a workflow on another backend has ended.</summary>
    private static IEnumerable<PodReport> PodsOfOthers(WorkflowPlan plan) =>
        plan.Groups.SelectMany(group => group.Tasks).Select(task => new PodReport.StatusChanged(task.Uuid, 0, "", "COMPLETED", 0, "", ""));
}
