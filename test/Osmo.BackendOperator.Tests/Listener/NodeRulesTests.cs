using System.Text.Json;
using Osmo.BackendOperator.Kubernetes;
using Osmo.BackendOperator.Listener;

namespace Osmo.BackendOperator.Tests.Listener;

/// <summary>contract: backend-protocol §6, §8.1–8.3.</summary>
public sealed class NodeRulesTests
{
    [Theory]
    [InlineData("Ready=True", "", true)]
    [InlineData("Ready=False", "", false)]
    [InlineData("Ready=Unknown", "", false)]
    [InlineData("", "", true)] // a rule without condition
    [InlineData("Ready=True,Other=True", "", true)] // a condition without rule
    [InlineData("ReadyX=False", "", true)] // the built-in rule is anchored on both sides
    [InlineData("ReadyX=False,Ready=True", "Ready=True", false)] // a configured one only at its start
    [InlineData("Ready=True,osmo.nvidia.com/gpu=True", "^osmo\\.nvidia\\.com/.*=False", false)]
    [InlineData("Ready=True,osmo.nvidia.com/gpu=False", "^osmo\\.nvidia\\.com/.*=False", true)]
    [InlineData("Ready=True,XDisk=True", "Disk=False", true)] // anchored at the start
    [InlineData("Ready=True,Disk=True", "Disk=False|Unknown", false)]
    [InlineData("Ready=True,Disk=Unknown", "Disk=False|Unknown", true)]
    [InlineData("Ready=True,Disk=True", "Disk=False;Dis=True", true)] // one of several rules allows it
    [InlineData("Ready=True,Disk=True", "Disk=Tru", false)] // statuses match wholly
    [InlineData("Ready=True,Disk=True", "Di(sk=False", true)] // an invalid expression is no rule
    [InlineData("Ready=True,DiskFull=True", "Disk(?!X)=False", false)] // one that looks around is
    public void IsAvailable_ConditionsAndRules_FollowsTheRules(string conditions, string rules, bool expected) =>
        Assert.Equal(expected, NodeRules.From(Pairs(rules, ';'))!.IsAvailable(NodeWith(conditions)));

    [Fact]
    public void IsAvailable_Cordoned_IsNot() =>
        Assert.False(NodeRules.Default.IsAvailable(NodeWith("Ready=True") with { Spec = new NodeSpec(Unschedulable: true) }));

    [Theory]
    [InlineData("Ready=False")]
    [InlineData(".*=False")]
    [InlineData("Ready=True|False")]
    public void From_RuleAgainstReady_IsRefused(string rules) => Assert.Null(NodeRules.From(Pairs(rules, ';')));

    [Fact]
    public void Of_Node_ReportsAsTheContractSays()
    {
        var node = KubernetesObject.From(JsonElement.Parse("""
            {"apiVersion": "v1", "kind": "Node",
             "metadata": {"name": "n", "labels": {"kubernetes.io/hostname": "host", "feature.node.kubernetes.io/cpu": "x", "a": "b"}},
             "spec": {"taints": [{"key": "k", "effect": "NoSchedule"}]},
             "status": {"allocatable": {"cpu": "7900m", "memory": "263765388Ki", "pods": "110"},
                        "conditions": [{"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "False"}]}}
            """)).AsNode();

        var report = NodeReport.Of(node, NodeRules.Default);

        Assert.Equal(("host", true), (report.Hostname, report.Available));
        Assert.Equal("Ready", Assert.Single(report.Conditions));
        Assert.Equal(("7", "263765388Ki"), (report.AllocatableFields["cpu"], report.AllocatableFields["memory"]));
        Assert.Equal(["a", "kubernetes.io/hostname"], report.LabelFields.Keys.Order());
        Assert.Equal(("k", "NoSchedule"), (Assert.Single(report.Taints).Key, report.Taints[0].Effect));
    }

    [Fact]
    public void Of_NodeUsage_SumsRequestsOfActivePods()
    {
        var usage = new NodeUsage(["osmo"]);
        usage.ObserveNode(NodeWith("") with { Metadata = new ObjectMeta("n", Labels: new Dictionary<string, string> { ["kubernetes.io/hostname"] = "host" }) });
        usage.Observe(PodOn("n", "lost", "osmo", PodPhase.Running, "50", "1Gi"));
        usage.BeginList();
        usage.Observe(PodOn("n", "a", "osmo", PodPhase.Running, "1500m", "1Gi"));
        usage.Observe(PodOn("n", "b", "osmo", PodPhase.Pending, "1", "1"));
        usage.Observe(PodOn("n", "c", "other", PodPhase.Running, "200m", "1e3"));
        usage.Observe(PodOn("n", "d", "osmo", PodPhase.Succeeded, "100", "1Ti"));
        usage.EndList();

        var report = usage.Of("n");

        Assert.Equal("host", report.Hostname);
        Assert.Equal(("3", "1048577Ki", "0"), (report.UsageFields["cpu"], report.UsageFields["memory"], report.UsageFields["nvidia.com/gpu"]));
        Assert.Equal(("1", "1Ki"), (report.NonWorkflowUsageFields["cpu"], report.NonWorkflowUsageFields["memory"]));
        usage.Observe(PodOn("n", "a", "osmo", PodPhase.Succeeded, "1500m", "1Gi"), isDeleted: false);
        usage.Observe(PodOn("n", "c", "other", PodPhase.Running, "200m", "1e3"), isDeleted: true);
        Assert.Equal("1", usage.Of("n").UsageFields["cpu"]);
    }

    private static ObservedPod PodOn(string node, string name, string space, PodPhase phase, string cpu, string memory) => ObservedPod.Of(
        KubernetesObject.From(JsonElement.Parse($$"""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{name}}", "namespace": "{{space}}", "uid": "{{name}}"},
             "spec": {"nodeName": "{{node}}", "containers": [{"name": "user", "resources": {"requests": {"cpu": "{{cpu}}", "memory": "{{memory}}"} } }]},
             "status": {"phase": "{{phase}}"} }
            """)),
        "osmo");

    private static Node NodeWith(string conditions) =>
        new(new ObjectMeta("n"), Status: new NodeStatus(Conditions: [.. Pairs(conditions, ',').Select(pair => new NodeCondition(pair.Key, pair.Value))]));

    private static Dictionary<string, string> Pairs(string text, char separator) =>
        text.Split(separator, StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
}
