using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Specification.Admission;

namespace Osmo.Bench.Language;

/// <summary>The pool of a fresh installation with the standard resource rules and ten nodes.</summary>
internal static class JudgingPool
{
    private const string Name = "default";
    private const int Nodes = 10;

    /// <summary>Large enough for every specification that is measured.</summary>
    public static readonly WorkflowConfig Config = new() { MaxNumTasks = 10_000 };

    public static readonly PoolModel Pool = Build();

    public static readonly SubmissionFacts Facts = new()
    {
        User = "ann",
        Pool = Pool,
        Workflow = Config,
        Scheduler = new SchedulerSettings(),
        Nodes = ImmutableDictionary<string, ImmutableArray<NodeCandidate>>.Empty.Add(Name, [.. Enumerable.Range(0, Nodes).Select(Node)]),
    };

    private static PoolModel Build()
    {
        var fresh = ConfigurationSnapshot.Default;
        var pool = fresh.Pools[Name] with { CommonResourceValidations = ["default_cpu", "default_memory", "default_storage"] };
        return ConfigurationModel.Build(fresh with { Pools = fresh.Pools.SetItem(Name, pool) }).Pools[Name];
    }

    private static NodeCandidate Node(int number) => new()
    {
        Name = $"node-{number}",
        PoolPlatforms = [$"{Name}/{Name}"],
        Capacity = new NodeCapacity(8, 2, 32L << 20, 100L << 20),
        Shown = new NodeFigures("100", "8", "32", "2"),
    };
}
