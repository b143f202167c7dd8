using Osmo.Storage.State;
using Osmo.Testing.Kubernetes.Api;
using Osmo.Workflows.Documents;

namespace Osmo.Bench.Cluster;

/// <summary>A pod that the operator created, and the row in which its end must show.</summary>
internal sealed record BenchedPod(string Name, string WorkflowUuid, string Task)
{
    public RowKey Row => new(RowKind.Task, WorkflowUuid, TaskDocument.RowId(Task, 0));

    /// <summary>The first of its group: when it ends, the group does, and is cleaned up.</summary>
    public bool IsLead => Task == "task-0";

    /// <summary>Some fail; a lead does not.</summary>
    public int ExitCode => !IsLead && Task.EndsWith('7') ? 7 : 0;

    public static BenchedPod Of(StoredObject pod) => new(pod.Key.Name, pod.Labels["osmo.workflow_uuid"], pod.Labels["osmo.task_name"]);
}
