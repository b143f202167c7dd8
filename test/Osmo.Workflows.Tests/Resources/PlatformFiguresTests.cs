using Osmo.Workflows.Resources;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Resources;

/// <summary>Contract: config §11, backend-protocol §8.5.</summary>
public sealed class PlatformFiguresTests
{
    /// <summary>The example of contract: config §12, whose control container takes 1 core, 1Gi, 1Gi.</summary>
    [Fact]
    public void Node_ContractsExample_Figures()
    {
        var node = ResourceFixtures.Node("n1") with
        {
            AllocatableFields = ResourceFixtures.Texts("""{"cpu": "64", "memory": "262144000Ki", "ephemeral-storage": "966367641600", "nvidia.com/gpu": "8"}"""),
            UsageFields = ResourceFixtures.Texts("""{"cpu": "10", "memory": "4194304Ki", "ephemeral-storage": "0Ki", "nvidia.com/gpu": "2"}"""),
            NonWorkflowUsageFields = ResourceFixtures.Texts("""{"cpu": "2", "memory": "1048576Ki", "ephemeral-storage": "0Ki", "nvidia.com/gpu": "0"}"""),
        };
        var figures = Assert.Single(ResourceFixtures.Model().Node(node).Platforms).Value;
        Assert.Equal(new PlatformAmounts { Storage = 965293899776, Cpu = 63, MemoryKi = 261095424, Gpu = 8 }, figures.Allocatable);
        Assert.Equal(new PlatformAmounts { Storage = 965293899776, Cpu = 61, MemoryKi = 260046848, Gpu = 8 }, figures.WorkflowAllocatable);
        Assert.Equal(new PlatformAmounts { Storage = 965293899776, Cpu = 53, MemoryKi = 256901120, Gpu = 6 }, figures.Available);
    }

    [Theory]
    [InlineData("{}", "0.25", 1073741824, 3221225472)]
    [InlineData("""{"name": "osmo-ctrl"}""", "0.25", 1073741824, 3221225472)]
    [InlineData("""{"name": "osmo-ctrl", "resources": {}}""", "0", 0, 1073741824)]
    [InlineData("""{"name": "osmo-ctrl", "resources": {"requests": {"cpu": "500m", "memory": "2Gi", "example.com/x": "1"}}}""", "0.5", 2147483648, 1073741824)]
    [InlineData("""{"name": "osmo-ctrl", "resources": {"requests": {"cpu": "{{USER_CPU}}", "memory": "{{UNKNOWN}}", "ephemeral-storage": 7}}}""", "3", 0, 7)]
    public void ControlRequests_Template_IsRead(string container, string cpu, long memory, long storage)
    {
        var model = ResourceFixtures.Model(
            """
            {"pod_templates": {"c": {"spec": {"containers": [CONTAINER]}}},
             "pools": {"p": {"backend": "b", "common_default_variables": {"USER_CPU": 3}, "common_pod_template": ["c"], "platforms": {"x": {}}}}}
            """.Replace("CONTAINER", container, StringComparison.Ordinal));
        Assert.Equal(
            new ControlRequests(decimal.Parse(cpu), memory, storage),
            ControlRequests.Of(model.Configuration.Pools["p"].Platforms["x"], new TemplateEngine(), TemplateLimits.Default));
    }

    [Fact]
    public void Node_SmallerThanControlContainer_OffersNothing()
    {
        var node = ResourceFixtures.Node("n") with { AllocatableFields = ResourceFixtures.Texts("""{"cpu": "500m", "memory": "1Mi"}""") };
        var figures = Assert.Single(ResourceFixtures.Model().Node(node).Platforms).Value;
        Assert.Equal(new PlatformAmounts { Cpu = 0, MemoryKi = 0 }, figures.Allocatable);
        Assert.Equal(new PlatformAmounts { Cpu = 0, MemoryKi = 0 }, figures.Available);
    }
}
