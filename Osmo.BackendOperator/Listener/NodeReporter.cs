using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>Turns what happens to nodes into reports (contract: backend-protocol §8).</summary>
internal sealed partial class NodeReporter(
    BackendOperatorOptions options,
    ICluster cluster,
    ListenerStream stream,
    NodeUsage usage,
    TimeProvider time,
    ILogger logger) : IDisposable
{
    private readonly RecentReports<string> _reports = new(options.ReportCacheTtl, time);
    private readonly Dictionary<string, Node> _nodes = [];
    private readonly Dictionary<string, bool> _verified = [];
    private readonly SemaphoreSlim _turn = new(1);
    private readonly TaskCompletionSource _nodesKnown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NodeRules _rules = NodeRules.Default;

    /// <summary>Completes once every node is on its way.</summary>
    public Task NodesKnown => _nodesKnown.Task;

    public async Task RunAsync(Informer nodes, Task podsKnown, CancellationToken cancellation)
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

    private async Task ReportAsync(Observation observation, CancellationToken cancellation)
    {
        switch (observation)
        {
            case Observation.Listed listed:
                await ReportAllAsync([.. listed.Items.Select(TryRead).OfType<Node>()], cancellation);
                _nodesKnown.TrySetResult();
                break;
            case Observation.Changed { Type: ChangeType.Deleted, Object: var deleted }:
                if (_nodes.Remove(deleted.Metadata.Name, out var gone))
                {
                    usage.ForgetNode(deleted.Metadata.Name);
                    _reports.Forget(NodeReport.HostnameOf(gone));
                    await stream.EnqueueAsync(new BackendMessage.DeleteResource(NodeReport.HostnameOf(gone)), cancellation);
                }

                break;
            case Observation.Changed { Object: var changed } when TryRead(changed) is { } node:
                _nodes[node.Metadata.Name] = node;
                usage.ObserveNode(node);
                await ReportNodeAsync(node, cancellation);
                break;
        }
    }

    private async Task ReportAllAsync(List<Node> nodes, CancellationToken cancellation)
    {
        _nodes.Clear();
        foreach (var node in nodes)
        {
            _nodes[node.Metadata.Name] = node;
            usage.ObserveNode(node);
            await ReportNodeAsync(node, cancellation);
            await stream.EnqueueAsync(usage.Of(node.Metadata.Name), cancellation, latestOf: node.Metadata.Name);
        }

        await stream.EnqueueAsync(new BackendMessage.NodeHash([.. nodes.Select(NodeReport.HostnameOf)]), cancellation);
    }

    private async Task ReportNodeAsync(Node node, CancellationToken cancellation)
    {
        var report = NodeReport.Of(node, _rules);
        if (_reports.IsNews(report.Hostname, ContentOf(report)))
        {
            await stream.EnqueueAsync(report, cancellation);
        }

        if (options.EnableNodeLabelUpdate && (!_verified.TryGetValue(node.Metadata.Name, out var verified) || verified != report.Available))
        {
            var labels = new Dictionary<string, string> { [options.NodeConditionPrefix + "verified"] = report.Available ? "True" : "False" };
            if (await cluster.PatchNodeLabelsAsync(node.Metadata.Name, labels, cancellation) is { } error)
            {
                LogLabelFailed(logger, node.Metadata.Name, error.Message);
            }
            else
            {
                _verified[node.Metadata.Name] = report.Available;
            }
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

    private Node? TryRead(KubernetesObject item)
    {
        try
        {
            return item.AsNode();
        }
        catch (JsonException e)
        {
            LogUnreadable(logger, item.Metadata.Name, e.Message);
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "Node {Node} cannot be read and is left out: {Error}")]
    private static partial void LogUnreadable(ILogger logger, string node, string error);

    [LoggerMessage(2, LogLevel.Error, "The node-condition rules are refused: a rule that matches Ready must be exactly True")]
    private static partial void LogRulesRefused(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "Node {Node} cannot be labelled: {Error}")]
    private static partial void LogLabelFailed(ILogger logger, string node, string error);
}
