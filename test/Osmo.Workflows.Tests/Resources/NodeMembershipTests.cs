using Osmo.Workflows.Resources;

namespace Osmo.Workflows.Tests.Resources;

/// <summary>Contract: backend-protocol §8.5, config §11.</summary>
public sealed class NodeMembershipTests
{
    private const string Pools =
        """
        {"pod_templates": {
           "any": {}, "big": {"spec": {"nodeSelector": {"size": "big"}}},
           "gpu": {"spec": {"tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]}},
           "team": {"spec": {"tolerations": [{"key": "team", "value": "blue"}]}}},
         "pools": {
           "default": {"platforms": {"default": {"override_pod_template": ["big"]}}},
           "other": {"backend": "default", "platforms": {"gpu": {"override_pod_template": ["gpu"]}, "team": {"override_pod_template": ["team"]}, "any": {}}},
           "elsewhere": {"backend": "far", "platforms": {"any": {}}}}}
        """;

    private static readonly ResourceModel Model = ResourceFixtures.Model(Pools);

    [Theory]
    [InlineData("""{"size": "small"}""", "[]", "other/any other/gpu other/team")]
    [InlineData("""{"size": "big", "x": "y"}""", "[]", "default/default other/any other/gpu other/team")]
    [InlineData("{}", "[]", "")]
    [InlineData("""{"a": "b"}""", """[{"key": "gpu", "effect": "NoSchedule", "value": "h100", "time_added": null}]""", "other/gpu")]
    [InlineData("""{"a": "b"}""", """[{"key": "gpu", "effect": "NoExecute"}]""", "")]
    [InlineData("""{"a": "b"}""", """[{"key": "gpu", "effect": "PreferNoSchedule"}]""", "other/any other/gpu other/team")]
    [InlineData("""{"a": "b"}""", """[{"key": "team", "effect": "NoExecute", "value": "blue"}]""", "other/team")]
    [InlineData("""{"a": "b"}""", """[{"key": "team", "effect": "NoExecute", "value": "red"}]""", "")]
    public void Of_LabelsAndTaints_Platforms(string labels, string taints, string expected) =>
        Assert.Equal(expected, string.Join(' ', NodeMembership.Of(ResourceFixtures.Node("n", labels, taints), Model.Configuration)));

    [Fact]
    public void Of_OtherBackend_OnlyItsPools() =>
        Assert.Equal([new PlatformKey("elsewhere", "any")], NodeMembership.Of(ResourceFixtures.Node("n", backend: "far"), Model.Configuration).AsEnumerable());

    [Theory]
    [InlineData("{}", NodeResourceType.Unused)]
    [InlineData("""{"size": "small"}""", NodeResourceType.Reserved)]
    [InlineData("""{"size": "big"}""", NodeResourceType.Shared)]
    public void ResourceType_Pools_AreCountedOnce(string labels, NodeResourceType expected) =>
        Assert.Equal(expected, Model.Node(ResourceFixtures.Node("n", labels)).ResourceType);
}
