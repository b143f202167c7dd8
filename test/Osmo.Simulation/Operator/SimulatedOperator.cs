using Osmo.Embedded.Simulation;
using Osmo.Simulation.Cluster;
using Osmo.Simulation.Faults;
using Osmo.Simulation.World;

namespace Osmo.Simulation.Operator;

/// <summary>The operator of one backend: a listener and some workers in a process that may die and comes back.</summary>
internal sealed class SimulatedOperator(
    SimulatedScheduler scheduler, string backend, SimulatedCluster cluster, ControlPlane controlPlane, FaultRates rates)
{
    private static readonly TimeSpan LongestDowntime = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan CrashPeriod = TimeSpan.FromSeconds(5);

    private int _starts;

    public void Start()
    {
        var process = scheduler.NewProcess($"operator {backend} {++_starts}");
        cluster.Record.Start(process, new Listener(process, backend, cluster, controlPlane, rates).Run);
        for (var workers = cluster.Dice.Between(1, 3); workers > 0; workers--) cluster.Record.Start(process, new Worker(process, backend, cluster, controlPlane, rates).Run);
        if (rates.OperatorCrash > 0) cluster.Record.Start(cluster.Process, () => CrashSomeTime(process));
    }

    private async Task CrashSomeTime(SimulatedProcess process)
    {
        do
        {
            await cluster.Process.Pause(CrashPeriod);
            if (rates.OperatorCrash == 0) return;
        }
        while (!cluster.Dice.Once(rates.OperatorCrash));

        process.Kill();
        (cluster.OnPod, cluster.OnNodeGone) = (null, null);
        await cluster.Process.Pause(cluster.Dice.Between(TimeSpan.Zero, LongestDowntime));
        Start();
    }
}
