using System.Text.Json.Serialization;

namespace Osmo.Workflows.Resources;

/// <summary>How many pools use a node: none, one, more (contract: config §11).</summary>
[JsonConverter(typeof(WireEnumConverter<NodeResourceType>))]
public enum NodeResourceType
{
    Unused = 1,
    Reserved,
    Shared,
}
