using System.Text.Json;
using Osmo.Workflows.Resources;

namespace Osmo.Workflows.Tests.Resources;

/// <summary>Contract: api-rest §13.</summary>
public sealed class ResourceListingTests
{
    private static readonly ResourceFilter Default = new(["default"]);

    [Fact]
    public void List_FreshNode_HasTheContractsWireForm()
    {
        var answer = ResourceListing.List([ResourceFixtures.Node("fake-node-1")], ResourceFixtures.Model(), Default);
        ResourceFixtures.AssertJson(
            """
            {"resources": [{"hostname": "fake-node-1",
              "exposed_fields": {"node": "fake-node-1", "pool/platform": ["default/default"], "storage": "1024", "cpu": "64", "memory": "256", "gpu": "8"},
              "taints": [], "usage_fields": {"storage": "0", "cpu": "0", "memory": "0Ki", "gpu": "0"}, "conditions": null,
              "non_workflow_usage_fields": {"cpu": "0", "memory": "0Ki", "nvidia.com/gpu": "0", "ephemeral-storage": "0Ki"},
              "allocatable_fields": {"storage": "1099511627776", "cpu": "64", "memory": "268435456Ki", "gpu": "8"},
              "platform_allocatable_fields": {"default": {"default": {"storage": 1098437885952, "cpu": 63, "memory": "267386880Ki", "gpu": 8}}},
              "platform_available_fields": {"default": {"default": {"storage": 1098437885952, "cpu": 63, "memory": "267386880Ki", "gpu": 8}}},
              "platform_workflow_allocatable_fields": {"default": {"default": {"storage": 1098437885952, "cpu": 63, "memory": "267386880Ki", "gpu": 8}}},
              "config_fields": {"default": {"default": {"host_network": false, "privileged": false, "default_mounts": [], "allowed_mounts": []}}},
              "backend": "default", "label_fields": null, "pool_platform_labels": {"default": ["default"]}, "resource_type": "RESERVED"}]}
            """,
            JsonSerializer.Serialize(answer, ResourcesJson.Default.ResourcesAnswer));
    }

    [Fact]
    public void List_ManyNodes_AvailableOnesInOrder()
    {
        var model = ResourceFixtures.Model("""{"pools": {"a": {"backend": "alpha", "platforms": {"x": {}}}}}""");
        var answer = ResourceListing.List(
            [
                ResourceFixtures.Node("n2"), ResourceFixtures.Node("n1"), ResourceFixtures.Node("n3", available: false), ResourceFixtures.Node("z", backend: "alpha"),
                ResourceFixtures.Node("unused", labels: "{}"),
            ],
            model,
            new ResourceFilter(["a", "default"]));
        Assert.Equal(["z", "n1", "n2"], answer.Resources.Select(entry => entry.Hostname));
    }

    [Fact]
    public void List_NoPool_ShowsNothing() =>
        Assert.Empty(ResourceListing.List([ResourceFixtures.Node("n")], ResourceFixtures.Model(), new ResourceFilter([])).Resources);

    [Fact]
    public void List_Filter_HidesPlatformsButCountsAllPools()
    {
        var model = ResourceFixtures.Model("""{"pools": {"p": {"backend": "default", "platforms": {"x": {}, "y": {}}}}}""");
        var entry = Assert.Single(ResourceListing.List([ResourceFixtures.Node("n")], model, new ResourceFilter(["p"], ["y"])).Resources);
        Assert.Equal(["p/y"], entry.ExposedFields.PoolPlatform.AsEnumerable());
        Assert.Equal(["y"], entry.PlatformAllocatableFields["p"].Keys);
        Assert.Equal(NodeResourceType.Shared, entry.ResourceType);
    }

    [Fact]
    public void List_NodeWithoutResources_IsListed()
    {
        var node = ResourceFixtures.Node("n") with { AllocatableFields = ResourceFixtures.Texts("""{"cpu": "4"}"""), UsageFields = ResourceFixtures.Texts("{}") };
        var entry = Assert.Single(ResourceListing.List([node], ResourceFixtures.Model(), Default).Resources);
        Assert.Equal("0", entry.ExposedFields.Storage);
        Assert.Null(entry.AllocatableFields.Gpu);
    }

    [Fact]
    public void Named_UnavailableNode_IsShownByNameOnly()
    {
        var nodes = new[] { ResourceFixtures.Node("n", available: false), ResourceFixtures.Node("m") };
        Assert.Equal("n", Assert.Single(ResourceListing.Named(nodes, "n", ResourceFixtures.Model()).Resources).Hostname);
        Assert.Empty(ResourceListing.Named(nodes, "x", ResourceFixtures.Model()).Resources);
    }

    [Fact]
    public void Concise_Nodes_AreSummed()
    {
        var used = ResourceFixtures.Node("n", available: false) with
        {
            UsageFields = ResourceFixtures.Texts("""{"cpu": "3", "memory": "1048576Ki", "ephemeral-storage": "524288Ki", "nvidia.com/gpu": "1"}"""),
        };
        var answer = ResourceListing.Concise([used, ResourceFixtures.Node("m")], ResourceFixtures.Model(), Default, _ => PoolStatus.Online);
        ResourceFixtures.AssertJson(
            """
            {"pools": [{"pool": "default", "platform": "default", "backend": "default", "status": "ONLINE",
             "usage_fields": {"storage": 0.5, "cpu": 3, "memory": 1, "gpu": 1}, "allocatable_fields": {"storage": 2048, "cpu": 128, "memory": 512, "gpu": 16}}]}
            """,
            JsonSerializer.Serialize(answer, ResourcesJson.Default.ConciseResourcesAnswer));
    }
}
