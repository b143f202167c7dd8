using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Lifecycle;
using Osmo.Workflows.Specification;
using Osmo.Workflows.Specification.Admission;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Tests.Specification;

/// <summary>
/// Pool <c>main</c> of the contract's table (contract: workflow-spec §13): default platform x86, platform arm64, topology keys zone and
/// rack,
/// default rules, nodes with 8 CPU / 32Gi / 100Gi.
/// </summary>
internal static class MainPool
{
    private const string DataMount =
        """{"spec": {"containers": [{"name": "user", "volumeMounts": [{"name": "d", "mountPath": "/data"}]}]}}""";

    public static readonly WorkflowConfig Config = new();

    public static readonly PoolModel Pool = Build(new PoolConfig
    {
        Backend = "default",
        DefaultPlatform = "x86",
        TopologyKeys = [new TopologyKey("zone", "z"), new TopologyKey("rack", "r")],
        CommonDefaultVariables = ConfigurationSnapshot.Default.Pools["default"].CommonDefaultVariables,
        CommonResourceValidations = ["default_cpu", "default_memory", "default_storage"],
        Platforms = ImmutableSortedDictionary<string, PlatformConfig>.Empty
            .Add("x86", new PlatformConfig { AllowedMounts = ["/dev/shm", "/opt"], OverridePodTemplate = ["data"] })
            .Add("arm64", new PlatformConfig { PrivilegedAllowed = true, HostNetworkAllowed = true }),
    });

    public static readonly SubmissionFacts Facts = new()
    {
        User = "u",
        Pool = Pool,
        Workflow = Config,
        Scheduler = new SchedulerSettings(),
        Nodes = ImmutableDictionary<string, ImmutableArray<NodeCandidate>>.Empty.Add("x86", [Node("n1"), Node("n2")]).Add(
            "arm64", [Node("n3")]),
        OtherTasks = ImmutableDictionary<TaskOfWorkflow, TaskGroupStatus>.Empty
            .Add(new TaskOfWorkflow("wf-1", "running"), TaskGroupStatus.Running).Add(
                new TaskOfWorkflow("wf-1", "failed"), TaskGroupStatus.Failed),
        GenericCredentials = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("d", ["key"]),
    };

    public static PoolModel Build(PoolConfig pool)
    {
        var snapshot = ConfigurationSnapshot.Default with
        {
            Pools = ImmutableSortedDictionary<string, PoolConfig>.Empty.Add("main", pool),
            PodTemplates = ConfigurationSnapshot.Default.PodTemplates.Add("data", JsonElement.Parse(DataMount)),
        };
        return ConfigurationModel.Build(snapshot).Pools["main"];
    }

    public static SpecOutcome Read(string text) => new SpecReader(new TemplateEngine()).Read(SpecCases.Source(text), Pool, Config);

    /// <summary>Reads and admits; null when the specification may run.</summary>
    public static SpecRejection? Submit(string text, SubmissionFacts? facts = null) => Read(text) switch
    {
        SpecOutcome.Accepted accepted => new AdmissionCheck(new TemplateEngine()).Reject(accepted.Spec, facts ?? Facts),
        SpecOutcome.Rejected rejected => rejected.Rejection,
        var other => throw new Xunit.Sdk.XunitException($"{other}"),
    };

    private static NodeCandidate Node(string name) => new()
    {
        Name = name,
        PoolPlatforms = ["main/x86"],
        Capacity = new NodeCapacity(8, 2, 32L << 20, 100L << 20),
        Shown = new NodeFigures("100", "8", "32", "2"),
    };
}
