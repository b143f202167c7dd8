using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Resources;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Resources;

internal static class ResourceFixtures
{
    /// <summary>The defaults with documents laid over them.</summary>
    public static ResourceModel Model(string configuration = "{}")
    {
        var document = JsonSerializer.SerializeToNode(ConfigurationSnapshot.Default, ConfigurationJson.Storage)!.AsObject();
        TemplateMerge.Into(document, JsonNode.Parse(configuration)!.AsObject());
        return new ResourceModel(ConfigurationModel.Build(document.Deserialize<ConfigurationSnapshot>(ConfigurationJson.Storage)!), new TemplateEngine());
    }

    /// <summary>64 cores, 256 GiB, 1 TiB, 8 GPUs.</summary>
    public static NodeDocument Node(string hostname, string labels = "{\"a\": \"b\"}", string taints = "[]", string backend = "default", bool available = true) => new()
    {
        Backend = backend,
        Hostname = hostname,
        Available = available,
        LabelFields = Texts(labels),
        Taints = [.. JsonElement.Parse(taints).EnumerateArray()],
        AllocatableFields = Texts("""{"cpu": "64", "memory": "268435456Ki", "ephemeral-storage": "1099511627776", "nvidia.com/gpu": "8", "pods": "110"}"""),
        UsageFields = Texts("""{"cpu": "0", "memory": "0Ki", "ephemeral-storage": "0Ki", "nvidia.com/gpu": "0"}"""),
        NonWorkflowUsageFields = Texts("""{"cpu": "0", "memory": "0Ki", "ephemeral-storage": "0Ki", "nvidia.com/gpu": "0"}"""),
    };

    public static ImmutableSortedDictionary<string, string> Texts(string json) =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(json)!.ToImmutableSortedDictionary(StringComparer.Ordinal);

    public static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
}
