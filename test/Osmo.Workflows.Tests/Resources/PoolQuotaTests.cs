using System.Text.Json;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Resources;

namespace Osmo.Workflows.Tests.Resources;

/// <summary>Contract: api-rest §12, config §12.</summary>
public sealed class PoolQuotaTests
{
    private const string Pools =
        """
        {"pod_templates": {"red": {"spec": {"nodeSelector": {"red": "1"}}}, "blue": {"spec": {"nodeSelector": {"blue": "1"}}}, "none": {"spec": {"nodeSelector": {"no": "1"}}}},
         "pools": {
           "default": {"platforms": {"default": {"override_pod_template": ["none"]}}},
           "idle": {"backend": "default", "platforms": {"x": {"override_pod_template": ["none"]}}},
           "red": {"backend": "default", "resources": {"gpu": {"guarantee": 4}}, "platforms": {"x": {"override_pod_template": ["red"]}}},
           "both": {"backend": "default", "platforms": {"x": {"override_pod_template": ["red"]}, "y": {"override_pod_template": ["blue"]}}},
           "blue": {"backend": "default", "platforms": {"x": {"override_pod_template": ["blue"]}}}}}
        """;

    private static readonly NodeDocument[] Nodes =
    [
        ResourceFixtures.Node("r", """{"red": "1"}""") with { UsageFields = ResourceFixtures.Texts("""{"nvidia.com/gpu": "3"}"""), NonWorkflowUsageFields = ResourceFixtures.Texts("""{"nvidia.com/gpu": "1"}""") },
        ResourceFixtures.Node("b", """{"blue": "1"}"""),
    ];

    [Fact]
    public void Of_SharedNodes_FormOneSet()
    {
        var usage = new Dictionary<string, PoolGpuUsage> { ["red"] = new(6, 5) };
        var answer = PoolQuota.Of(Nodes, ResourceFixtures.Model(Pools), null, usage, _ => PoolStatus.Online);
        Assert.Equal(["blue both red", "default idle"], answer.NodeSets.Select(set => string.Join(' ', set.Pools.Select(pool => pool.Name))));
        var red = answer.NodeSets[0].Pools[2];
        Assert.Equal(new ResourceUsage("5", "-1", "4", "6", "16", "13"), red.ResourceUsage);
        Assert.Equal(new ResourceUsage("0", "16", "16", "0", "16", "13"), answer.NodeSets[0].Pools[0].ResourceUsage);
        Assert.Equal(new ResourceUsage("0", "0", "0", "0", "0", "0"), answer.NodeSets[1].Pools[0].ResourceUsage);
        Assert.Equal(new ResourceUsage("5", "31", "36", "6", "16", "13"), answer.ResourceSum);
    }

    [Fact]
    public void Of_SomePools_KeepTheCapacityOfTheirSet()
    {
        var answer = PoolQuota.Of(Nodes, ResourceFixtures.Model(Pools), ["red", "idle"], new Dictionary<string, PoolGpuUsage>(), _ => PoolStatus.Online);
        Assert.Equal(["idle", "red"], answer.NodeSets.SelectMany(set => set.Pools).Select(pool => pool.Name).Order(StringComparer.Ordinal));
        Assert.Equal("16", answer.ResourceSum.TotalCapacity);
    }

    /// <summary>A fresh service with two nodes answers this.</summary>
    [Fact]
    public void Of_Default_HasTheContractsWireForm()
    {
        var answer = PoolQuota.Of(
            [ResourceFixtures.Node("fake-node-1"), ResourceFixtures.Node("fake-node-2")], ResourceFixtures.Model(), null, new Dictionary<string, PoolGpuUsage>(), _ => PoolStatus.Online);
        const string usage =
            """{"quota_used": "0", "quota_free": "16", "quota_limit": "16", "total_usage": "0", "total_capacity": "16", "total_free": "16"}""";
        ResourceFixtures.AssertJson(
            $$"""{"node_sets": [{"pools": [{{Pool("""{"guarantee": -1, "maximum": -1, "weight": 1}""", $", \"resource_usage\": {usage}")}}]}], "resource_sum": {{usage}}}""",
            JsonSerializer.Serialize(answer, ResourcesJson.Default.PoolQuotaAnswer));
    }

    [Fact]
    public void PoolsAnswer_Default_HasTheContractsWireForm() => ResourceFixtures.AssertJson(
        $$"""{"pools": {"default": {{Pool("null", "")}} } }""",
        JsonSerializer.Serialize(PoolsAnswer.Of(ResourceFixtures.Model().Configuration, null, _ => PoolStatus.Online), ResourcesJson.Default.PoolsAnswer));

    [Theory]
    [InlineData(false, 120, PoolStatus.Online)]
    [InlineData(false, 121, PoolStatus.Offline)]
    [InlineData(false, null, PoolStatus.Offline)]
    [InlineData(true, 0, PoolStatus.Maintenance)]
    public void PoolStatus_HeartbeatAndMaintenance(bool maintenance, int? heartbeatAgeSeconds, PoolStatus expected)
    {
        var now = new DateTime(2026, 11, 21, 20, 0, 0, DateTimeKind.Utc);
        var pool = ResourceFixtures.Model($$"""{"pools": {"default": {"enable_maintenance": {{(maintenance ? "true" : "false")}} } } }""").Configuration.Pools["default"];
        Assert.Equal(expected, PoolStatusRule.Of(pool, heartbeatAgeSeconds is { } age ? now.AddSeconds(-age) : null, now));
    }

    private static string Pool(string gpu, string more) =>
        $$$"""
        {"name": "default", "description": "Default pool", "status": "ONLINE", "download_type": null, "enable_maintenance": false, "backend": "default",
         "default_platform": "default", "default_exec_timeout": "60d", "default_queue_timeout": "60d", "max_exec_timeout": "60d", "max_queue_timeout": "60d",
         "default_exit_actions": {}, "resources": {"gpu": {{{gpu}}} }, "topology_keys": [],
         "platforms": {"default": {"description": "", "host_network_allowed": false, "privileged_allowed": false, "allowed_mounts": [], "default_mounts": []}}{{{more}}} }
        """;
}
