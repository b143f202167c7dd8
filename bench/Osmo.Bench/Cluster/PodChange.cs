using Osmo.Testing.Kubernetes.Cluster;
using Osmo.Workflows.Lifecycle;

namespace Osmo.Bench.Cluster;

/// <summary>What a pod of the bench lives through.</summary>
internal enum PodStep
{
    Bind = 1,
    Run,
    Finish,
}

/// <summary>One step of one pod.</summary>
/// <param name="Node">Where it is bound.</param>
internal sealed record PodChange(BenchedPod Pod, PodStep Step, string Node)
{
    /// <summary>What the task's row must say afterwards; null: the change does not show there.</summary>
    public TaskGroupStatus? Status => Step switch
    {
        PodStep.Bind => null,
        PodStep.Run => TaskGroupStatus.Running,
        _ => Pod.ExitCode == 0 ? TaskGroupStatus.Completed : TaskGroupStatus.Failed,
    };

    public void Make(FakeCluster cluster)
    {
        switch (Step)
        {
            case PodStep.Bind:
                cluster.Bind(Pod.Name, Node);
                break;
            case PodStep.Run:
                cluster.Run(Pod.Name);
                break;
            case PodStep.Finish:
                cluster.Finish(Pod.Name, Pod.ExitCode);
                break;
        }
    }
}
