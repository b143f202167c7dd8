using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Workflows.Objects;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Objects;

/// <summary>Contract: config §8, "Tokens for a task".</summary>
public sealed class ResourceVariablesTests
{
    private static readonly ImmutableSortedDictionary<string, JsonElement> Defaults =
        JsonElement.Parse("""{"USER_CPU": 1, "USER_GPU": 0, "USER_MEMORY": "1Gi", "USER_STORAGE": "1Gi", "CLASS": "gold"}""")
            .EnumerateObject().ToImmutableSortedDictionary(pair => pair.Name, pair => pair.Value);

    [Fact]
    public void Of_Nothing_TakesDefaultsAndDerivesFromThem()
    {
        var values = Of(new ResourceSpec());
        Assert.Equal(new TemplateValue.Int(1), values["USER_CPU"]);
        Assert.Equal(new TemplateValue.Int(0), values["USER_GPU"]);
        Assert.Equal(new TemplateValue.Text("1Gi"), values["USER_MEMORY"]);
        Assert.Equal(new TemplateValue.Int(1024), values["USER_MEMORY_Mi"]);
        Assert.Equal(new TemplateValue.Text("gold"), values["CLASS"]);
        Assert.Equal(new TemplateValue.Text("ARRAY:[]"), values["USER_EXCLUDED_NODES"]);
    }

    [Fact]
    public void Of_Request_WinsOverDefaults()
    {
        var values = Of(new ResourceSpec { Cpu = 4, Gpu = 2, Memory = "1.5Gi", Storage = "10GiB", NodesExcluded = ["a", "b"] });
        Assert.Equal(new TemplateValue.Float(4), values["USER_CPU"]);
        Assert.Equal(new TemplateValue.Int(2), values["USER_GPU"]);
        Assert.Equal(new TemplateValue.Text("1.5Gi"), values["USER_MEMORY"]);
        Assert.Equal(new TemplateValue.Float(1.5), values["USER_MEMORY_VAL"]);
        Assert.Equal(new TemplateValue.Text("Gi"), values["USER_MEMORY_UNIT"]);
        Assert.Equal(new TemplateValue.Int(1536), values["USER_MEMORY_Mi"]);
        Assert.Equal(new TemplateValue.Text("10Gi"), values["USER_STORAGE"]);
        Assert.Equal(new TemplateValue.Text("ARRAY:[a,b]"), values["USER_EXCLUDED_NODES"]);
    }

    [Fact]
    public void Of_Zero_BehavesLikeUnset() => Assert.Equal(new TemplateValue.Int(1), Of(new ResourceSpec { Cpu = 0 })["USER_CPU"]);

    [Fact]
    public void Of_NoDefaults_DerivedAreNone()
    {
        var values = ResourceVariables.Of(new ResourceSpec(), null, ImmutableSortedDictionary<string, JsonElement>.Empty).ByName;
        Assert.False(values.ContainsKey("USER_MEMORY"));
        Assert.Equal(TemplateValue.None.Instance, values["USER_MEMORY_Gi"]);
        Assert.Equal(TemplateValue.None.Instance, values["USER_STORAGE_UNIT"]);
        Assert.Equal(new TemplateValue.Text("0MiB"), values["USER_CACHE"]);
    }

    [Theory]
    [InlineData(null, "10Gi", "9Gi")]
    [InlineData(null, "15Mi", "13Mi")]
    [InlineData("50%", "7Gi", "3Gi")]
    [InlineData("12.5%", "80Gi", "10Gi")]
    [InlineData("3Gi", "10Gi", "3Gi")]
    public void Of_CacheSize_Cache(string? cacheSize, string storage, string cache) => Assert.Equal(
        new TemplateValue.Text(cache), ResourceVariables.Of(new ResourceSpec { Storage = storage }, cacheSize, Defaults).ByName["USER_CACHE"]);

    private static ImmutableDictionary<string, TemplateValue> Of(ResourceSpec resource) => ResourceVariables.Of(resource, null, Defaults).ByName;
}
