using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Listener;

/// <summary>What the listener looks at of a pod.</summary>
/// <param name="Task">Whose it is; null for a pod that is none of ours.</param>
/// <param name="Container">The first container: the user's.</param>
/// <param name="Requests">What it takes of its node; null while it has none, or has ended.</param>
internal sealed record ObservedPod(
    string Uid,
    string Name,
    string? Namespace,
    TaskPod? Task,
    string Container,
    string? Node,
    Footprint? Requests,
    PodStatus Status)
{
    /// <exception cref="System.Text.Json.JsonException">The document does not fit.</exception>
    public static ObservedPod Of(KubernetesObject @object, string workflowNamespace)
    {
        var pod = @object.AsReportedPod();
        var status = pod.Status ?? new PodStatus();
        return new ObservedPod(
            pod.Metadata.Uid ?? pod.Metadata.Name,
            pod.Metadata.Name,
            pod.Metadata.Namespace,
            TaskPod.Of(pod.Metadata, workflowNamespace),
            pod.Spec.Containers.Count > 0 ? pod.Spec.Containers[0].Name : "",
            pod.Spec.NodeName,
            pod.Spec.NodeName is not null && status.Phase is PodPhase.Running or PodPhase.Pending ? Footprint.Of(pod.Spec) : null,
            status);
    }
}

/// <summary>The identity of the attempt a pod belongs to, from its labels.</summary>
internal sealed record TaskPod(string WorkflowUuid, string TaskUuid, int RetryId)
{
    /// <returns>Null for a pod that is none of ours.</returns>
    public static TaskPod? Of(ObjectMeta pod, string workflowNamespace) =>
        pod.Namespace == workflowNamespace
        && pod.Labels.TryGetValue("osmo.task_uuid", out var task)
        && pod.Labels.TryGetValue("osmo.workflow_uuid", out var workflow)
            ? new TaskPod(workflow, task, int.TryParse(pod.Labels.GetValueOrDefault("osmo.retry_id"), out var retry) ? retry : 0)
            : null;
}

/// <summary>Requests in base units: cores, bytes, devices (contract: backend-protocol §8.3).</summary>
internal readonly record struct Footprint(decimal Cpu, decimal Memory, decimal EphemeralStorage, decimal Gpu)
{
    public static Footprint Of(ReportedPodSpec pod)
    {
        var sum = default(Footprint);
        foreach (var container in pod.Containers)
        {
            var requests = (container.Resources ?? new ResourceRequirements()).Effective;
            decimal Of(string resource) => Quantity.ParseOrZero(requests.GetValueOrDefault(resource));
            sum += new Footprint(Of("cpu"), Of("memory"), Of("ephemeral-storage"), Of("nvidia.com/gpu"));
        }

        return sum;
    }

    public static Footprint operator +(Footprint left, Footprint right) =>
        new(left.Cpu + right.Cpu, left.Memory + right.Memory, left.EphemeralStorage + right.EphemeralStorage, left.Gpu + right.Gpu);

    public static Footprint operator -(Footprint left, Footprint right) =>
        new(left.Cpu - right.Cpu, left.Memory - right.Memory, left.EphemeralStorage - right.EphemeralStorage, left.Gpu - right.Gpu);
}
