using Osmo.Grains.Interfaces;
using Osmo.Simulation.Record;
using Osmo.Simulation.World;

namespace Osmo.Simulation.Cluster;

/// <summary>What the labels of a pod say.</summary>
internal sealed record PodLabels(string WorkflowUuid, string GroupUuid, string Task, string TaskUuid, int RetryId);

/// <summary>A pod from its creation to the moment when nothing of it is left.</summary>
internal sealed class SimulatedPod(SimulatedCluster cluster, PodLabels labels, PodFate fate)
{
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(5);

    private bool _deleting;

    public PodLabels Labels => labels;

    public string Status { get; private set; } = "SCHEDULING";

    public string? Node { get; private set; }

    /// <summary>Nothing of it is left.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Its containers have ended, or it is gone.</summary>
    public bool IsOver { get; private set; }

    private int? ExitCode { get; set; }

    /// <summary>As the operator reports it whenever it sees it.</summary>
    public IEnumerable<PodReport> Reports => Status == "INITIALIZING" ? [State, new PodReport.Starting(labels.TaskUuid, labels.RetryId, "Pod is starting")] : [State];

    private PodReport State =>
        new PodReport.StatusChanged(labels.TaskUuid, labels.RetryId, ExitCode is null or 0 ? "" : $"Exit code {ExitCode}. ", Status, ExitCode, Node, Node is null ? null : "10.0.0.1");

    /// <summary>From the queue to its fate.</summary>
    public async Task Live()
    {
        Become("SCHEDULING");
        if (!await Pass(fate.Queue, PodStage.Queue)) return;

        Node = cluster.AnyNode();
        Become("INITIALIZING");
        if (!await Pass(fate.Start, PodStage.Start)) return;

        Become("RUNNING");
        await new Runtime.SimulatedRuntime(cluster, this, fate.Run).Run();
        await Pass(TimeSpan.Zero, PodStage.Run);
    }

    /// <summary>Somebody deleted it; what it says on its way out may still be reported.</summary>
    public async Task Delete(bool force)
    {
        if (_deleting || IsGone) return;

        _deleting = true;
        if (!force)
        {
            await cluster.Process.Pause(cluster.Dice.Between(TimeSpan.Zero, LongestGrace));
            if (!IsOver && cluster.Dice.Once(0.5)) End("FAILED", 2001);
        }

        Remove();
    }

    /// <summary>Its node is lost. The cluster says so of the pod, or says nothing of it ever again.</summary>
    public void Vanish()
    {
        if (IsGone) return;
        if (Status != "RUNNING" || cluster.Dice.Once(0.5)) End("FAILED_BACKEND_ERROR", 3001);
        else IsOver = true;
    }

    /// <summary>True when the pod goes on to the next stage.</summary>
    private async Task<bool> Pass(TimeSpan length, PodStage stage)
    {
        await cluster.Process.Pause(length);
        if (IsOver) return false;
        if (fate.Ends != stage) return true;
        if (fate.Vanishes && Node is not null) cluster.LoseNode(Node);
        else if (fate.Status is not null) End(fate.Status, fate.ExitCode);
        return false;
    }

    private void Become(string status)
    {
        Status = status;
        cluster.Observe(this);
    }

    private void End(string status, int? exitCode)
    {
        if (IsOver) return;

        (IsOver, ExitCode) = (true, exitCode);
        cluster.Record.PodEnds.Add(new PodEnd(labels.WorkflowUuid, labels.Task, labels.RetryId, exitCode));
        Become(status);
    }

    private void Remove()
    {
        (IsOver, IsGone) = (true, true);
        cluster.Forget(this);
    }
}
