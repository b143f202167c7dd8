using System.Collections.Frozen;
using System.Collections.Immutable;
using Osmo.Workflows.Configuration;
using Osmo.Workflows.Documents;
using Osmo.Workflows.Objects;
using Osmo.Workflows.Templates;

namespace Osmo.Workflows.Resources;

/// <summary>
/// Reads nodes by one version of the configuration: who may use them, and what they offer to whom. Immutable; built once per version.
/// </summary>
public sealed class ResourceModel
{
    private readonly FrozenDictionary<PlatformKey, ControlRequests> _controlRequests;

    public ResourceModel(ConfigurationModel configuration, ITemplateRenderer renderer)
    {
        Configuration = configuration;
        var limits = ObjectTemplate.Limits(configuration.Snapshot.Workflow);
        var requests = from pool in configuration.Pools.Values
                       from platform in pool.Platforms.Values
                       let key = new PlatformKey(pool.Name, platform.Name)
                       select KeyValuePair.Create(key, ControlRequests.Of(platform, renderer, limits));
        _controlRequests = requests.ToFrozenDictionary();
    }

    public ConfigurationModel Configuration { get; }

    public NodeModel Node(NodeDocument node)
    {
        var allocatable = NodeAmounts.Of(node.AllocatableFields);
        var usage = NodeAmounts.Of(node.UsageFields);
        var otherUsage = NodeAmounts.Of(node.NonWorkflowUsageFields);
        return new NodeModel
        {
            Node = node,
            Allocatable = allocatable,
            Usage = usage,
            Platforms =
            [
                .. NodeMembership.Of(node, Configuration)
                    .Select(key => KeyValuePair.Create(key, PlatformFigures.Of(allocatable, usage, otherUsage, _controlRequests[key]))),
            ],
        };
    }
}

/// <summary>A node with its place in the configuration.</summary>
public sealed record NodeModel
{
    public required NodeDocument Node { get; init; }

    public required NodeAmounts Allocatable { get; init; }

    public required NodeAmounts Usage { get; init; }

    /// <summary>What the node offers, for each platform that may use it, in the order of pool and platform names.</summary>
    public required ImmutableArray<KeyValuePair<PlatformKey, PlatformFigures>> Platforms { get; init; }

    public NodeResourceType ResourceType => NodeMembership.TypeOf(Platforms.Select(pair => pair.Key));
}
