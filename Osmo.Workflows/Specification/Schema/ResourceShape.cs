using Osmo.Workflows.Configuration;
using Osmo.Workflows.Yaml;

namespace Osmo.Workflows.Specification.Schema;

/// <summary>Resources and timeouts (contract: workflow-spec §6.9, §6.10).</summary>
internal static class ResourceShape
{
    public static readonly Shape<TopologySpec> Topology = CreateTopology();

    public static readonly Shape<ResourceSpec> Resource = Create();

    public static readonly Shape<TimeoutSpec> Timeout = CreateTimeout();

    private static ObjectShape<ResourceSpec> Create()
    {
        var o = new ObjectShape<ResourceSpec>("resource", "What a task asks of a node.");
        var cpu = o.Optional("cpu", Shapes.OptionalCount, null, "Cores; 0 or null is the pool's default.");
        var gpu = o.Optional("gpu", Shapes.OptionalCount, null, "GPUs; 0 or null is the pool's default.");
        var memory = o.Optional("memory", Amount("memory"), null, "Memory, such as 4Gi; all units are binary, a bare number is bytes.");
        var storage = o.Optional("storage", Amount("storage"), null, "Local storage, such as 100Gi.");
        var platform = o.Optional(
            "platform", new NullableShape<string>(Shapes.Text), null, "Platform of the pool; absent is the pool's default platform.");
        var excluded = o.Optional("nodesExcluded", Shapes.Texts, [], "Nodes that the task must not run on.");
        var topology = o.Optional("topology", new ListShape<TopologySpec>(Topology), [], "Which tasks must be near each other.");
        return o.Build(v => new ResourceSpec
        {
            Cpu = v.Get(cpu),
            Gpu = v.Get(gpu),
            Memory = v.Get(memory),
            Storage = v.Get(storage),
            Platform = v.Get(platform) is { Length: > 0 } named ? named : null,
            NodesExcluded = v.Get(excluded),
            Topology = v.Get(topology),
        });
    }

    private static ObjectShape<TopologySpec> CreateTopology()
    {
        var o = new ObjectShape<TopologySpec>("topology", "Tasks of the same group value are placed in one domain of the key.");
        var key = o.Required("key", Shapes.StrictText, "One of the pool's topology keys.");
        var group = o.Optional("group", Shapes.StrictText, "default", "Tasks with the same value belong together.");
        var required = o.Optional("requirementType", new ChoiceShape<bool>(("required", true), ("preferred", false)), true,
            "Whether placement may fail over it.");
        return o.Build(v => new TopologySpec(v.Get(key), v.Get(group), v.Get(required)));
    }

    private static ObjectShape<TimeoutSpec> CreateTimeout()
    {
        var o = new ObjectShape<TimeoutSpec>("timeout", "Limits of each group; absent, null or zero is the pool's default.");
        var limit = new CheckedShape<TimeSpan?>(Shapes.OptionalDuration, IsLimit);
        var exec = o.Optional("exec_timeout", limit, null, "How long a group may run, such as 2h; at least 1s.");
        var queue = o.Optional("queue_timeout", limit, null, "How long a group may wait for resources; at least 1s.");
        return o.Build(v => new TimeoutSpec(v.Get(exec), v.Get(queue)));
    }

    /// <summary>Limits are whole seconds, and none of them would be left (contract: lifecycle §15).</summary>
    private static bool IsLimit(TimeSpan? limit, Reading at) =>
        limit is null || limit == TimeSpan.Zero || limit >= PoolModel.ShortestTimeout
        || at.FailRule($"Timeout is shorter than a second: {PythonText.OfScalar(at.Value)}", "at least 1s, or 0 for the pool's default");

    private static CustomShape<string?> Amount(string field)
    {
        return new CustomShape<string?>(Read, definitions => new NullableShape<string>(Shapes.Text).Describe(definitions));

        bool Read(Reading at, out string? value)
        {
            value = null;
            if (at.Value is YamlValue.Null)
            {
                return true;
            }

            if (!Shapes.Text.TryRead(at, out var text))
            {
                return false;
            }

            if (QuantityText.TryNormalise(field, text, out value, out var fault))
            {
                return true;
            }

            at.Problems.AddQuantity(new SpecProblem(at.Path.ToString(), at.Value.Position, fault, $"'{text}'", QuantityText.Allowed));
            return false;
        }
    }
}
