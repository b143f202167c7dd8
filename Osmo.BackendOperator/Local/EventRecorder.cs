using System.Text.Json.Nodes;
using Osmo.BackendOperator.Kubernetes;

namespace Osmo.BackendOperator.Local;

/// <summary>Writes Kubernetes events about pods.</summary>
internal sealed class EventRecorder(ObjectStore store, TimeProvider time)
{
    public void Normal(ObjectMeta pod, string reason, string message) => Record(pod, "Normal", reason, message);

    public void Warning(ObjectMeta pod, string reason, string message) => Record(pod, "Warning", reason, message);

    private void Record(ObjectMeta pod, string type, string reason, string message)
    {
        var now = KubernetesTime.Format(time.GetUtcNow());
        store.Create(KubernetesObject.From(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = $"{pod.Name}.{Guid.NewGuid():N}", ["namespace"] = pod.Namespace },
            ["involvedObject"] = new JsonObject { ["kind"] = "Pod", ["name"] = pod.Name, ["namespace"] = pod.Namespace, ["uid"] = pod.Uid },
            ["type"] = type,
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = "osmo-local-cluster" },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        }));
    }
}
