using System.Collections.Immutable;
using System.Text.Json;
using Osmo.Grains.Interfaces;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Grains.Backends;

/// <summary>The nodes of one backend, as rows and in memory (contract: backend-protocol §8.5).</summary>
internal sealed class NodeTable
{
    private readonly IStateStore _store;
    private readonly string _backend;
    private ImmutableDictionary<string, NodeDocument> _nodes;

    private NodeTable(IStateStore store, string backend, ImmutableDictionary<string, NodeDocument> nodes) => (_store, _backend, _nodes) = (store, backend, nodes);

    public static async Task<NodeTable> Load(IStateStore store, string backend, CancellationToken cancellation)
    {
        var rows = await store.ReadPartition(RowKind.Node, backend, cancellation);
        return new NodeTable(store, backend, rows.Select(DocumentRows.Parse<NodeDocument>).ToImmutableDictionary(node => node.Hostname));
    }

    /// <summary>Applies reports in order in one commit; memory follows only what was committed.</summary>
    public async Task Apply(ImmutableArray<NodeReport> reports)
    {
        var next = reports.Aggregate(_nodes, Apply);
        var touched = reports.Any(report => report is NodeReport.All)
            ? _nodes.Keys.Union(next.Keys)
            : reports.Select(report => report.Hostname).Distinct();
        var writes = new List<RowWrite>();
        foreach (var hostname in touched)
        {
            var key = new RowKey(RowKind.Node, _backend, hostname);
            var former = _nodes.GetValueOrDefault(hostname);
            var node = next.GetValueOrDefault(hostname);
            if (!ReferenceEquals(former, node))
            {
                writes.Add(node is null ? new RowWrite.Delete(key) : new RowWrite.Put(key, DocumentRows.Write(node)));
            }
        }

        if (writes.Count > 0)
        {
            await _store.Commit(writes);
        }

        _nodes = next;
    }

    private ImmutableDictionary<string, NodeDocument> Apply(ImmutableDictionary<string, NodeDocument> nodes, NodeReport report) => report switch
    {
        NodeReport.ResourceChanged changed => nodes.SetItem(changed.Hostname, WithResource(Known(nodes, changed.Hostname), changed.Resource)),

        // A node that was never described is unknown, and its usage with it (contract: backend-protocol §8.5 QUIRK).
        NodeReport.UsageChanged changed => nodes.TryGetValue(changed.Hostname, out var node)
            ? nodes.SetItem(changed.Hostname, WithUsage(node, changed.Usage))
            : nodes,
        NodeReport.Removed removed => nodes.Remove(removed.Hostname),
        NodeReport.All all => nodes.RemoveRange(nodes.Keys.Except(all.Hostnames).ToList()),
        _ => throw new ArgumentOutOfRangeException(nameof(report), report, "Unknown node report."),
    };

    private NodeDocument Known(ImmutableDictionary<string, NodeDocument> nodes, string hostname) =>
        nodes.TryGetValue(hostname, out var node) ? node : new NodeDocument { Backend = _backend, Hostname = hostname };

    private static NodeDocument WithResource(NodeDocument node, string json)
    {
        using var document = JsonDocument.Parse(json);
        var body = document.RootElement;
        return node with
        {
            Available = body.GetProperty("available").GetBoolean(),
            Conditions = [.. body.GetProperty("conditions").EnumerateArray().Select(condition => condition.GetString()!)],
            AllocatableFields = Texts(body, "allocatable_fields"),
            LabelFields = Texts(body, "label_fields"),
            Taints = [.. body.GetProperty("taints").EnumerateArray().Select(taint => taint.Clone())],
        };
    }

    private static NodeDocument WithUsage(NodeDocument node, string json)
    {
        using var document = JsonDocument.Parse(json);
        return node with
        {
            UsageFields = Texts(document.RootElement, "usage_fields"),
            NonWorkflowUsageFields = Texts(document.RootElement, "non_workflow_usage_fields"),
        };
    }

    private static ImmutableSortedDictionary<string, string> Texts(JsonElement body, string field) =>
        body.GetProperty(field).EnumerateObject().ToImmutableSortedDictionary(
            property => property.Name,
            property => property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : property.Value.GetRawText());
}
