using System.Collections.Immutable;
using System.Text.Json;

namespace Osmo.Workflows.Configuration;

/// <summary>The documents of a fresh installation (contract: config §15 "Database mode").</summary>
internal static class ConfigurationDefaults
{
    private const string ControlTemplate =
        """
        {"spec": {"containers": [{"name": "osmo-ctrl", "resources": {
          "limits": {"cpu": "{{USER_CPU}}", "memory": "{{USER_MEMORY}}", "ephemeral-storage": "{{USER_STORAGE}}"},
          "requests": {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "1Gi"}}}]}}
        """;

    private const string UserTemplate =
        """
        {"spec": {"containers": [{"name": "{{USER_CONTAINER_NAME}}", "resources": {
          "limits": {"cpu": "{{USER_CPU}}", "memory": "{{USER_MEMORY}}", "nvidia.com/gpu": "{{USER_GPU}}",
            "ephemeral-storage": "{{USER_STORAGE}}"},
          "requests": {"cpu": "{{USER_CPU}}", "memory": "{{USER_MEMORY}}", "nvidia.com/gpu": "{{USER_GPU}}",
            "ephemeral-storage": "{{USER_STORAGE}}"}}}]}}
        """;

    private const string DefaultVariables = """{"USER_CPU": 1, "USER_GPU": 0, "USER_MEMORY": "1Gi", "USER_STORAGE": "1Gi"}""";

    public static ConfigurationSnapshot Create() => new()
    {
        Version = 0,
        Backends = ImmutableSortedDictionary<string, BackendConfig>.Empty.Add("default", new BackendConfig()),
        Pools = ImmutableSortedDictionary<string, PoolConfig>.Empty.Add("default", Pool()),
        PodTemplates = ImmutableSortedDictionary<string, JsonElement>.Empty
            .Add("default_ctrl", JsonElement.Parse(ControlTemplate))
            .Add("default_user", JsonElement.Parse(UserTemplate)),
        ResourceValidations = ImmutableSortedDictionary<string, ImmutableArray<ResourceAssertion>>.Empty
            .Add("default_cpu", Capacity("CPU", "CPU", AssertionOperator.Le))
            .Add("default_memory", Capacity("MEMORY", "memory", AssertionOperator.Le))
            .Add("default_storage", Capacity("STORAGE", "storage", AssertionOperator.Lt)),
    };

    private static PoolConfig Pool() => new()
    {
        Description = "Default pool",
        Backend = "default",
        DefaultPlatform = "default",
        CommonDefaultVariables =
            JsonElement.Parse(DefaultVariables).EnumerateObject().ToImmutableSortedDictionary(pair => pair.Name, pair => pair.Value),
        CommonResourceValidations = ["default_cpu", "default_memory", "default_storage"],
        CommonPodTemplate = ["default_ctrl", "default_user"],
        Platforms = ImmutableSortedDictionary<string, PlatformConfig>.Empty.Add("default", new PlatformConfig()),
    };

    private static ImmutableArray<ResourceAssertion> Capacity(string token, string name, AssertionOperator fits) =>
    [
        new(fits, $"{{{{USER_{token}}}}}", $"{{{{K8_{token}}}}}", $"Value {{{{USER_{token}}}}} too high for {name}"),
        new(AssertionOperator.Gt, $"{{{{USER_{token}}}}}", "0", $"Value {{{{USER_{token}}}}} needs to be greater than 0 for {name}"),
    ];
}
