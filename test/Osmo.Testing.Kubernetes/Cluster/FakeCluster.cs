using System.Globalization;
using System.Text.Json.Nodes;
using Osmo.Testing.Kubernetes.Api;

namespace Osmo.Testing.Kubernetes.Cluster;

/// <summary>
/// Scheduler, kubelets and controllers of a fake cluster, which do only what they are told: each method is one step in the life of a pod
/// or node, with the status that a real one writes.
/// </summary>
public sealed class FakeCluster(FakeKubernetes server, string @namespace = "osmo")
{
    /// <summary>A node that is ready, and whose host name is its name.</summary>
    public void AddNode(string name, Action<JsonObject>? change = null)
    {
        var node = JsonNode.Parse($$"""
            {"metadata": {"name": "{{name}}", "labels": {"kubernetes.io/hostname": "{{name}}", "kubernetes.io/os": "linux"} },
             "spec": {},
             "status": {"allocatable": {"cpu": "64", "memory": "263765388Ki", "ephemeral-storage": "1000000000000", "nvidia.com/gpu": "8", "pods": "110"},
                        "conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "True"}]} }
            """)!.AsObject();
        change?.Invoke(node);
        server.Writes.Create(Resource.Nodes, null, node);
    }

    public void ChangeNode(string name, Action<JsonObject> change) => server.Storage.Update(new ObjectKey(Resource.Nodes, null, name), change);

    /// <summary>The node is no longer heard of: its pods are failed by the garbage collector, then the node object goes.</summary>
    public void LoseNode(string name)
    {
        ChangeNode(name, node => node["status"]!["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "Unknown" }));
        foreach (var pod in server.Storage.List(Resource.Pods, null).Items.Where(pod => (string?)pod.ToJson()["spec"]!["nodeName"] == name))
        {
            server.Storage.Update(pod.Key, document =>
            {
                SetCondition(document, "DisruptionTarget", "True", "DeletionByPodGC", "PodGC: node no longer exists");
                document["status"]!["phase"] = "Failed";
            });
        }

        server.Writes.Delete(new ObjectKey(Resource.Nodes, null, name), null, isForeground: false);
    }

    public void Unschedulable(string pod, string message) =>
        Change(pod, document => SetCondition(document, "PodScheduled", "False", "Unschedulable", message));

    public void Bind(string pod, string node) => Change(pod, document =>
    {
        document["spec"]!["nodeName"] = node;
        SetCondition(document, "PodScheduled", "True");
    });

    /// <summary>The kubelet prepares the pod: every container waits.</summary>
    public void Prepare(string pod) => Change(pod, document =>
    {
        var init = Waiting(document, "initContainers", "PodInitializing");
        document["status"]!["initContainerStatuses"] = init.Count == 0 ? null : init;
        document["status"]!["containerStatuses"] = Waiting(document, "containers", init.Count == 0 ? "ContainerCreating" : "PodInitializing");
        SetCondition(document, "Ready", "False", "ContainersNotReady");
    });

    /// <summary>A container waits with a reason such as <c>ErrImagePull</c>.</summary>
    public void Wait(string pod, string container, string reason, string message = "") => Change(pod, document =>
    {
        SetState(document, container, new JsonObject { ["waiting"] = new JsonObject { ["reason"] = reason, ["message"] = message } });
        SetCondition(document, "Ready", "False", "ContainersNotReady");
    });

    /// <summary>Init containers are done, the others run.</summary>
    public void Run(string pod, string ip = "10.0.0.1") => Change(pod, document =>
    {
        document["status"]!["phase"] = "Running";
        document["status"]!["podIP"] = ip;
        document["status"]!["startTime"] = Now();
        ForEachContainer(document, "initContainers", name => SetState(document, name, Terminated(0, "Completed")));
        ForEachContainer(document, "containers", name => SetState(
            document, name, new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Now() } }));
        SetCondition(document, "Initialized", "True");
        SetCondition(document, "Ready", "True");
    });

    /// <summary>A container ends; the pod's phase follows when all have.</summary>
    public void Exit(string pod, string container, int code, string? reason = null, string? message = null) => Change(pod, document =>
    {
        SetState(document, container, Terminated(code, reason ?? (code == 0 ? "Completed" : "Error"), message));
        var states = (document["status"]!["containerStatuses"] as JsonArray ?? []).Select(status => status!["state"]!["terminated"]).ToList();
        var count = document["spec"]!["containers"]!.AsArray().Count;
        if (states.Count == count && states.TrueForAll(state => state is not null))
        {
            document["status"]!["phase"] = states.TrueForAll(state => (int)state!["exitCode"]! == 0) ? "Succeeded" : "Failed";
            SetCondition(document, "Ready", "False", "PodCompleted");
        }
    });

    /// <summary>The first container, the user's, ends with this code, and then the others, content.</summary>
    public void Finish(string pod, int code = 0)
    {
        var isFirst = true;
        var document = server.Storage.Find(Key(pod))!.ToJson();
        ForEachContainer(document, "containers", name =>
        {
            Exit(pod, name, isFirst ? code : 0);
            isFirst = false;
        });
    }

    /// <summary>The kernel kills the container for its memory.</summary>
    public void OomKill(string pod, string container) => Exit(pod, container, 137, "OOMKilled");

    /// <summary>The kubelet evicts the pod for the node's sake.</summary>
    public void Evict(string pod, string message = "The node was low on resource: memory.") => Fail(pod, "Evicted", message);

    /// <summary>The kubelet fails the pod with a reason of its own.</summary>
    public void Fail(string pod, string reason, string message = "") => Change(pod, document =>
    {
        document["status"]!["phase"] = "Failed";
        document["status"]!["reason"] = reason;
        document["status"]!["message"] = message;
    });

    /// <summary>The scheduler makes room for another pod.</summary>
    public void Preempt(string pod) => Change(
        pod, document => SetCondition(document, "DisruptionTarget", "True", "PreemptionByScheduler", "preempted by a more important pod"));

    /// <summary>The processes of a pod that is being deleted have ended.</summary>
    public void EndGrace(string pod) => server.Writes.EndGrace(Key(pod));

    public void Event(string name, string pod, string reason, string message, string kind = "Pod", string component = "kubelet") =>
        server.Writes.Create(Resource.Events, @namespace, JsonNode.Parse($$"""
            {"metadata": {"name": "{{name}}"}, "involvedObject": {"kind": "{{kind}}", "name": "{{pod}}", "namespace": "{{@namespace}}"},
             "source": {"component": "{{component}}"}, "type": "Normal", "reason": "{{reason}}", "message": "{{message}}", "lastTimestamp": "{{Now()}}"}
            """)!.AsObject());

    public void Change(string pod, Action<JsonObject> change) => server.Storage.Update(Key(pod), change);

    /// <summary>Sets or replaces a condition of a pod's status.</summary>
    public void SetCondition(JsonObject document, string type, string status, string? reason = null, string? message = null)
    {
        var conditions = document["status"]!["conditions"] as JsonArray ?? (JsonArray)(document["status"]!["conditions"] = new JsonArray());
        if (conditions.FirstOrDefault(item => (string?)item!["type"] == type) is { } known)
        {
            conditions.Remove(known);
        }

        conditions.Add(new JsonObject
        {
            ["type"] = type, ["status"] = status, ["reason"] = reason, ["message"] = message, ["lastTransitionTime"] = Now(),
        });
    }

    private static void SetState(JsonObject document, string container, JsonObject state)
    {
        var isInit = (document["spec"]!["initContainers"] as JsonArray ?? []).Any(item => (string?)item!["name"] == container);
        var list = isInit ? "initContainerStatuses" : "containerStatuses";
        var statuses = document["status"]![list] as JsonArray ?? (JsonArray)(document["status"]![list] = new JsonArray());
        if (statuses.FirstOrDefault(item => (string?)item!["name"] == container) is { } known)
        {
            known["state"] = state;
        }
        else
        {
            statuses.Add(new JsonObject { ["name"] = container, ["state"] = state });
        }
    }

    private static JsonArray Waiting(JsonObject document, string list, string reason) => new(
    [
        .. (document["spec"]![list] as JsonArray ?? []).Select(container => new JsonObject
        {
            ["name"] = (string?)container!["name"],
            ["state"] = new JsonObject { ["waiting"] = new JsonObject { ["reason"] = reason } },
        }),
    ]);

    private static JsonObject Terminated(int code, string reason, string? message = null) => new()
    {
        ["terminated"] = new JsonObject { ["exitCode"] = code, ["reason"] = reason, ["message"] = message },
    };

    private static void ForEachContainer(JsonObject document, string list, Action<string> act)
    {
        foreach (var name in (document["spec"]![list] as JsonArray ?? []).Select(item => (string)item!["name"]!).ToList())
        {
            act(name);
        }
    }

    private ObjectKey Key(string pod) => new(Resource.Pods, @namespace, pod);

    private string Now() => server.Storage.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
