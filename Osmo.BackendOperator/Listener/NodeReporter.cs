using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>Turns what happens to nodes into reports (contract: backend-protocol §8).</summary>
/// <param name="labels">Null when nodes are not to be labelled.</param>
internal sealed partial class NodeReporter(
    BackendOperatorOptions options,
    ListenerStream stream,
    NodeUsage usage,
    VerifiedLabels? labels,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private readonly RecentReports<string> _reports = new(options.ReportCacheTtl, time);
    private readonly Dictionary<string, Node> _nodes = [];
    private readonly List<Node> _listed = [];
    private readonly SemaphoreSlim _turn = new(1);
    private readonly TaskCompletionSource _nodesKnown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NodeRules _rules = NodeRules.Default;

    /// <summary>Completes once every node is on its way.</summary>
    public Task NodesKnown => _nodesKnown.Task;

    public async Task RunAsync(Informer<Node> nodes, Task podsKnown, CancellationToken cancellation)
    {
        await foreach (var observation in nodes.ObserveAsync(cancellation))
        {
            await podsKnown.WaitAsync(cancellation);
            await _turn.WaitAsync(cancellation);
            try
            {
                await ReportAsync(observation, cancellation);
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    /// <summary>Takes new rules and reports the nodes whose availability they change; refuses dangerous ones.</summary>
    public async Task SetRulesAsync(IReadOnlyDictionary<string, string> configured, CancellationToken cancellation)
    {
        if (NodeRules.From(configured) is not { } rules)
        {
            LogRulesRefused(logger);
            return;
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            _rules = rules;
            foreach (var node in _nodes.Values)
            {
                await ReportNodeAsync(node, cancellation);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task ReportAsync(Observation<Node> observation, CancellationToken cancellation)
    {
        switch (observation)
        {
            case Observation<Node>.ListStarted:
                _listed.Clear();
                break;
            case Observation<Node>.Listed { Items: var items }:
                _listed.AddRange(items);
                break;
            case Observation<Node>.ListCompleted:
                await ReportAllAsync(cancellation);
                _nodesKnown.TrySetResult();
                break;
            case Observation<Node>.Changed { Type: ChangeType.Deleted, Item: var deleted }:
                await ReportGoneAsync(deleted, cancellation);
                break;
            case Observation<Node>.Changed { Item: var node }:
                var isNew = !_nodes.ContainsKey(node.Metadata.Name);
                _nodes[node.Metadata.Name] = node;
                usage.ObserveNode(node);
                await ReportNodeAsync(node, cancellation);
                if (isNew)
                {
                    // Pods of a node that comes back may be there already.
                    await stream.EnqueueAsync(usage.Of(node.Metadata.Name), cancellation);
                }

                break;
        }
    }

    private async Task ReportAllAsync(CancellationToken cancellation)
    {
        foreach (var gone in _nodes.Values.ExceptBy(_listed.Select(node => node.Metadata.Name), node => node.Metadata.Name).ToList())
        {
            await ReportGoneAsync(gone, cancellation);
        }

        foreach (var node in _listed)
        {
            _nodes[node.Metadata.Name] = node;
            usage.ObserveNode(node);
            await ReportNodeAsync(node, cancellation);
            await stream.EnqueueAsync(usage.Of(node.Metadata.Name), cancellation);
        }

        // Those that went while no operator ran are told by their absence from it.
        await stream.EnqueueAsync(new BackendMessage.NodeHash([.. _listed.Select(NodeReport.HostnameOf)]), cancellation);
        _listed.Clear();
    }

    private async Task ReportGoneAsync(Node deleted, CancellationToken cancellation)
    {
        var name = deleted.Metadata.Name;
        if (_nodes.Remove(name, out var gone))
        {
            usage.ForgetNode(name);
            _reports.Forget(NodeReport.HostnameOf(gone));
            labels?.Forget(name);
            await stream.EnqueueAsync(new BackendMessage.DeleteResource(NodeReport.HostnameOf(gone)), cancellation);
        }
    }

    private async Task ReportNodeAsync(Node node, CancellationToken cancellation)
    {
        var report = NodeReport.Of(node, _rules);
        labels?.Observe(node, report.Available);
        if (_reports.IsNews(report.Hostname, ContentOf(report)))
        {
            await stream.EnqueueAsync(report, cancellation);
        }
    }

    // Records with collections compare by reference; their wire form compares by content, once its maps are in order.
    private static string ContentOf(BackendMessage.Resource report) => Encoding.UTF8.GetString(BackendCodec.Encode(
        report with
        {
            AllocatableFields = ImmutableDictionary<string, string>.Empty,
            LabelFields = ImmutableDictionary<string, string>.Empty,
        },
        uuid: "").Span)
        + string.Join(
            '\n',
            report.AllocatableFields.Concat(report.LabelFields).Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal));

    [LoggerMessage(1, LogLevel.Error, "The node-condition rules are refused: a rule that matches Ready must be exactly True")]
    private static partial void LogRulesRefused(ILogger logger);
}
