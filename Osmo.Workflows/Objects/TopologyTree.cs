using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Specification;

namespace Osmo.Workflows.Objects;

/// <summary>
/// Which tasks must stand together at which level of the cluster, for KAI (contract: backend-protocol §13.3). What all tasks share
/// constrains the whole gang; where they part, subgroups begin.
/// </summary>
internal sealed class TopologyTree
{
    private readonly ImmutableDictionary<string, Node> _leaves;
    private readonly Node _stop;

    private TopologyTree(Node root, ImmutableDictionary<string, Node> leaves)
    {
        _leaves = leaves;
        _stop = root;
        while (_stop.Children.Count == 1)
        {
            _stop = _stop.Children.GetAt(0).Value;
        }
    }

    public static TopologyTree None { get; } = new(new Node(null, "", ""), ImmutableDictionary<string, Node>.Empty);

    private bool HasSubgroups => _stop.Children.Count > 0;

    /// <param name="tasks">Task name and its requirements.</param>
    /// <param name="keys">The pool's keys, coarsest first.</param>
    public static TopologyTree Build(
        ImmutableArray<(string Task, ImmutableArray<TopologySpec> Requirements)> tasks, ImmutableArray<TopologyKey> keys)
    {
        CheckSameKeys(tasks);
        var root = new Node(null, "", "");
        var leaves = ImmutableDictionary.CreateBuilder<string, Node>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (task, requirements) in tasks)
        {
            if (requirements.IsEmpty)
            {
                continue;
            }

            var node = root;
            foreach (var (requirement, label) in CoarseToFine(task, requirements, keys))
            {
                node = node.Child(requirement.Group, label, names);
                node.Required |= requirement.Required;
            }

            leaves[task] = node;
        }

        foreach (var leaf in leaves.Values)
        {
            for (var node = leaf; node is not null; node = node.Parent)
            {
                node.Members++;
            }
        }

        return new TopologyTree(root, leaves.ToImmutable());
    }

    /// <summary>Value of the pod label <c>kai.scheduler/subgroup-name</c>; null outside of any subgroup.</summary>
    public string? SubgroupOf(string task) => HasSubgroups && _leaves.TryGetValue(task, out var leaf) ? leaf.Name : null;

    /// <summary>Completes the PodGroup: its constraint and either its subgroups or the size of the whole gang.</summary>
    public void WriteTo(JsonObject podGroupSpec, int pods, string topologyName)
    {
        if (!HasSubgroups)
        {
            podGroupSpec["minMember"] = pods;
        }

        if (_stop.Parent is not null)
        {
            podGroupSpec["topologyConstraint"] = _stop.Constraint(topologyName);
        }

        if (HasSubgroups)
        {
            var subgroups = new JsonArray();
            WriteSubgroups(_stop, null, subgroups, topologyName);
            podGroupSpec["subGroups"] = subgroups;
        }
    }

    private static void WriteSubgroups(Node parent, string? parentName, JsonArray subgroups, string topologyName)
    {
        foreach (var node in parent.Children.Values)
        {
            var subgroup = new JsonObject
            {
                ["name"] = node.Name,
                ["minMember"] = node.Members,
                ["topologyConstraint"] = node.Constraint(topologyName),
            };
            if (parentName is not null)
            {
                subgroup["parent"] = parentName;
            }

            subgroups.Add(subgroup);
            WriteSubgroups(node, node.Name, subgroups, topologyName);
        }
    }

    private static void CheckSameKeys(ImmutableArray<(string Task, ImmutableArray<TopologySpec> Requirements)> tasks)
    {
        var demanding = tasks.Where(task => !task.Requirements.IsEmpty).ToList();
        var keys =
            demanding.Select(task => task.Requirements.Select(requirement => requirement.Key).ToHashSet(StringComparer.Ordinal)).ToList();
        var odd = keys.FindIndex(set => !set.SetEquals(keys[0]));
        if (odd > 0)
        {
            throw new GroupBuildException(
                $"Topology validation failed: tasks {demanding[0].Task} and {demanding[odd].Task} must use the same set of topology keys.");
        }
    }

    private static IEnumerable<(TopologySpec Requirement, string Label)> CoarseToFine(
        string task, ImmutableArray<TopologySpec> requirements, ImmutableArray<TopologyKey> keys)
    {
        if (requirements.FirstOrDefault(requirement => keys.All(key => key.Key != requirement.Key)) is { } unknown)
        {
            throw new GroupBuildException(
                $"Topology validation failed: task {task} requires key {unknown.Key}, which the pool does not have.");
        }

        return from key in keys
               from requirement in requirements
               where requirement.Key == key.Key
               select (requirement, key.Label);
    }

    private sealed class Node(Node? parent, string name, string label)
    {
        public Node? Parent { get; } = parent;

        public string Name { get; } = name;

        /// <summary>By the author's group name, in order of first appearance.</summary>
        public OrderedDictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);

        public int Members { get; set; }

        /// <summary>One task that insists is enough.</summary>
        public bool Required { get; set; }

        public Node Child(string group, string childLabel, HashSet<string> names)
        {
            if (Children.TryGetValue(group, out var child))
            {
                return child;
            }

            child = new Node(this, Unused(Parent is null ? group : $"{Name}-{group}", names), childLabel);
            Children.Add(group, child);
            return child;
        }

        public JsonObject Constraint(string topologyName) => new()
        {
            ["topology"] = topologyName,
            [Required ? "requiredTopologyLevel" : "preferredTopologyLevel"] = label,
        };

        /// <summary>Joined names can meet although their places differ: z/a-b and z-a/b. The later one is numbered.</summary>
        private static string Unused(string name, HashSet<string> names)
        {
            var unused = name;
            for (var number = 2; !names.Add(unused); number++)
            {
                unused = $"{name}-{number}";
            }

            return unused;
        }
    }
}
