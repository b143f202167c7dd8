using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Quantities;

namespace Osmo.Workflows.Tests.Configuration;

public sealed class ConfigurationModelTests
{
    [Fact]
    public void Build_Default_ResolvesThePool()
    {
        var pool = ConfigurationModel.Build(ConfigurationSnapshot.Default).FindPool("default")!;
        Assert.Equal("60d", pool.MaxExecTimeout.ToString());
        Assert.Equal((3, 3), (pool.Platforms["default"].StaticValidations.Length, pool.Platforms["default"].NodeValidations.Length));
        var containers = pool.Platforms["default"].PodTemplate.GetProperty("spec").GetProperty("containers");
        Assert.Equal(["osmo-ctrl", "{{USER_CONTAINER_NAME}}"], containers.EnumerateArray().Select(container => container.GetProperty("name").GetString()!));
        Assert.Equal(1, pool.Platforms["default"].Variables["USER_CPU"].GetInt32());
    }

    [Fact]
    public void Build_PlatformTemplate_IsMergedByNameAndDerived()
    {
        var snapshot = Snapshot(
            """{"spec": {"nodeSelector": {"a": "1"}, "containers": [{"name": "u", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}]}}""",
            """
            {"spec": {"nodeSelector": {"a": "2", "b": "3"}, "tolerations": [{"key": "gpu", "operator": "Exists"}],
             "containers": [{"name": "u", "image": "i"}, {"name": "osmo-ctrl", "volumeMounts": [{"name": "w", "mountPath": "/w"}]}]}}
            """);
        var platform = ConfigurationModel.Build(snapshot).Pools["p"].Platforms["x"];
        Assert.Equal(new Dictionary<string, string> { ["a"] = "2", ["b"] = "3" }, platform.NodeSelector);
        Assert.Equal([new Toleration("gpu", "Exists")], platform.Tolerations.AsEnumerable());
        Assert.Equal(["/v"], platform.DefaultMounts.AsEnumerable());
        Assert.Equal(2, platform.PodTemplate.GetProperty("spec").GetProperty("containers").GetArrayLength());
    }

    [Fact]
    public void Build_BackendTest_HasItsPod()
    {
        var test = ConfigurationModel.Build(WithTest(test => test with { NodeConditions = ["A", "b.c/D", "A"] })).BackendTests["gpu"];
        Assert.Equal(["A", "b.c/D"], test.Config.NodeConditions.AsEnumerable());
        Assert.Equal(2, test.PodTemplate.GetProperty("spec").GetProperty("containers").GetArrayLength());
    }

    public static TheoryData<string, Func<BackendTestConfig, BackendTestConfig>> BadTests => new()
    {
        { "name is 'Gpu_1'", test => test with { Name = "Gpu_1" } },
        { "cron_schedule is '* * * *'", test => test with { CronSchedule = "* * * *" } },
        { "cron_schedule is '* * * * x'", test => test with { CronSchedule = "* * * * x" } },
        { "test_timeout is 29s", test => test with { TestTimeout = Duration.Parse("29s") } },
        { "test_timeout is 25h", test => test with { TestTimeout = Duration.Parse("25h") } },
        { "node_conditions is empty", test => test with { NodeConditions = [] } },
        { "node_conditions has 'a/b/c'", test => test with { NodeConditions = ["a/b/c"] } },
        { "common_pod_template is empty", test => test with { CommonPodTemplate = [] } },
        { "Pod template none does not exist!", test => test with { CommonPodTemplate = ["none"] } },
    };

    [Theory]
    [MemberData(nameof(BadTests))]
    public void Build_BadBackendTest_IsNamed(string fault, Func<BackendTestConfig, BackendTestConfig> change)
    {
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationModel.Build(WithTest(change)));
        Assert.Contains(fault, Assert.Single(error.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_BackendWithUnknownOrRepeatedTests_IsRefused()
    {
        var snapshot = WithTest(test => test) with
        {
            Backends = ImmutableSortedDictionary<string, BackendConfig>.Empty.Add("b", new BackendConfig { Tests = ["gpu", "none", "gpu"] }),
        };
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationModel.Build(snapshot));
        Assert.Equal(["Backend test with name none not found", "Backend tests list contains duplicates: backend b"], error.Faults.AsEnumerable());
    }

    private static ConfigurationSnapshot WithTest(Func<BackendTestConfig, BackendTestConfig> change) => ConfigurationSnapshot.Default with
    {
        BackendTests = ImmutableSortedDictionary<string, BackendTestConfig>.Empty.Add("gpu", change(new BackendTestConfig
        {
            Name = "gpu", CronSchedule = "*/5 0-3 * * 1,2", NodeConditions = ["A"], CommonPodTemplate = ["default_ctrl", "default_user"],
        })),
    };

    [Theory]
    [InlineData("0s")]
    [InlineData("999ms")]
    public void Build_TimeoutsThatLeaveNoTime_AreRefused(string timeout)
    {
        var standard = ConfigurationSnapshot.Default;
        var pool = standard.Pools["default"] with { DefaultExecTimeout = Duration.Parse(timeout), MaxQueueTimeout = Duration.Parse(timeout) };
        var snapshot = standard with { Pools = standard.Pools.SetItem("default", pool), Workflow = standard.Workflow with { MaxExecTimeout = Duration.Parse(timeout) } };
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationModel.Build(snapshot));
        Assert.Equal(
            [
                $"Pool default: default_exec_timeout is {timeout}; it must be at least 1s.",
                $"Pool default: max_exec_timeout is {timeout}; it must be at least 1s.",
                $"Pool default: max_queue_timeout is {timeout}; it must be at least 1s.",
            ],
            error.Faults.AsEnumerable());
    }

    [Fact]
    public void Build_ManyFaults_NamesAll()
    {
        var snapshot = ConfigurationSnapshot.Default with
        {
            Pools = ImmutableSortedDictionary<string, PoolConfig>.Empty.Add("p", new PoolConfig
            {
                Backend = "default",
                DefaultPlatform = "gone",
                CommonPodTemplate = ["no_template"],
                CommonResourceValidations = ["no_rule"],
                CommonGroupTemplates = ["no_group"],
                DefaultExitActions = [new("EXPLODE", "1"), new("FAIL", "x")],
            }),
        };
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationModel.Build(snapshot));
        Assert.Equal(
            [
                "Default platform gone not in platforms",
                "Pod template no_template does not exist!",
                "Resource validation no_rule does not exist!",
                "Invalid exit action EXPLODE for pool p.",
                "Invalid exit codes x for action FAIL for pool p.",
                "Group template no_group does not exist!",
            ],
            error.Faults.AsEnumerable());
    }

    [Fact]
    public void Build_DefaultThatIsNoSize_IsNamed()
    {
        var snapshot = Snapshot("{}", "{}");
        var pool = snapshot.Pools["p"] with
        {
            CommonDefaultVariables = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("USER_MEMORY", JsonElement.Parse("\"much\"")),
        };
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationModel.Build(snapshot with { Pools = snapshot.Pools.SetItem("p", pool) }));
        Assert.Equal(["Platform x of pool p: default variable USER_MEMORY is \"much\", which is not a size such as 1Gi."], error.Faults.AsEnumerable());
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData(0, 5)]
    [InlineData(3, 3)]
    [InlineData(30, 10)]
    public void ExecTimeout_Requested_IsDefaultedAndCapped(int? requestedHours, int effectiveHours)
    {
        var snapshot = JsonSerializer.Deserialize<ConfigurationSnapshot>(
            """{"workflow": {"max_exec_timeout": "10h"}, "pools": {"p": {"backend": "b", "default_exec_timeout": "5h"}}}""", ConfigurationJson.Storage)!;
        var pool = ConfigurationModel.Build(snapshot).Pools["p"];
        Assert.Equal(TimeSpan.FromHours(effectiveHours), pool.ExecTimeout(requestedHours is { } hours ? TimeSpan.FromHours(hours) : null));
    }

    [Fact]
    public void ExitActions_InOrder_AreParsed()
    {
        var snapshot = JsonSerializer.Deserialize<ConfigurationSnapshot>(
            """{"pools": {"p": {"backend": "b", "default_exit_actions": {"reschedule": "1-3,137", "FAIL": "2"}}}}""", ConfigurationJson.Storage)!;
        Assert.Equal(
            [new ExitAction(ExitActionKind.Reschedule, 1, 3), new(ExitActionKind.Reschedule, 137, 137), new(ExitActionKind.Fail, 2, 2)],
            ConfigurationModel.Build(snapshot).Pools["p"].DefaultExitActions.AsEnumerable());
    }

    [Theory]
    [InlineData("""{"a": 1}""", """{"a": 2}""", """{"a": 2}""")]
    [InlineData("""{"a": {"b": 1}}""", """{"a": {"c": 2}}""", """{"a": {"b": 1, "c": 2}}""")]
    [InlineData("""{"a": [{"name": "x", "v": 1}]}""", """{"a": [{"name": "x", "v": 2}, {"name": "y"}]}""", """{"a": [{"name": "x", "v": 2}, {"name": "y"}]}""")]
    [InlineData("""{"a": [1]}""", """{"a": [1, {"key": "k"}]}""", """{"a": [1, 1, {"key": "k"}]}""")]
    [InlineData("""{"a": {"b": 1}}""", """{"a": "text"}""", """{"a": "text"}""")]
    public void Merge_Contract_Result(string lower, string upper, string expected)
    {
        var merged = TemplateMerge.Fold([JsonElement.Parse(lower), JsonElement.Parse(upper)]);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), merged), merged.ToJsonString());
    }

    private static ConfigurationSnapshot Snapshot(string poolTemplate, string platformTemplate) => new()
    {
        PodTemplates = ImmutableSortedDictionary<string, JsonElement>.Empty.Add("one", JsonElement.Parse(poolTemplate)).Add("two", JsonElement.Parse(platformTemplate)),
        Pools = ImmutableSortedDictionary<string, PoolConfig>.Empty.Add("p", new PoolConfig
        {
            Backend = "b",
            CommonPodTemplate = ["one"],
            Platforms =
                ImmutableSortedDictionary<string, PlatformConfig>.Empty.Add("x", new PlatformConfig { OverridePodTemplate = ["two"] }),
        }),
    };
}
