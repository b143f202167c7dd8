using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Connection;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Listener;

/// <summary>The four streams that carry reports.</summary>
internal sealed record ListenerStreams(ListenerStream Pod, ListenerStream Node, ListenerStream Event, ListenerStream Heartbeat) : IDisposable
{
    public ImmutableArray<ListenerStream> All => [Pod, Node, Event, Heartbeat];

    public void Dispose()
    {
        foreach (var stream in All)
        {
            stream.Dispose();
        }
    }
}

/// <summary>Reports the state of a cluster to the control plane over five WebSockets (contract: backend-protocol §2–§9).</summary>
internal sealed partial class BackendListener(
    BackendOperatorOptions options,
    ICluster cluster,
    ServiceConnector connector,
    OperatorMetrics metrics,
    TimeProvider time,
    ILogger<BackendListener> logger)
{
    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(BackendMessage.Init init, CancellationToken cancellation)
    {
        ListenerStream Stream(string name) => new(name, connector, init, options, metrics, time, logger);
        using var streams = new ListenerStreams(Stream("pod"), Stream("node"), Stream("event"), Stream("heartbeat"));
        var usage = new NodeUsage([options.Namespace, .. options.IncludeNamespaceUsage]);
        var labels = options.EnableNodeLabelUpdate ? new VerifiedLabels(cluster, options.NodeConditionPrefix + "verified", time, logger) : null;
        using var nodes = new NodeReporter(options, streams.Node, usage, labels, time, logger);
        var usageReports = new UsageReporter(usage, streams.Node, time);
        using var pods = new PodReporter(options, streams, usage, usageReports, time);
        var events = new EventReporter(options, streams.Event, time);
        var control = new ControlStream(connector, init, options, nodes, metrics, time, logger);
        await ApplyConfiguredRulesAsync(nodes, cancellation);
        await Loops.RunAsync(
            [
                .. streams.All.Select(stream => (Func<CancellationToken, Task>)stream.RunAsync),
                control.RunAsync,
                token => nodes.RunAsync(Informer(ObjectKind.Node, null, item => item.AsNode(), options.RefreshInterval), pods.PodsKnown, token),
                token => pods.RunAsync(Informer(ObjectKind.Pod, null, item => ObservedPod.Of(item, options.Namespace), options.RefreshInterval), nodes.NodesKnown, token),
                pods.RunRechecksAsync,
                usageReports.RunAsync,
                .. labels is null ? [] : (Func<CancellationToken, Task>[])[labels.RunAsync],
                token => events.RunAsync(Informer(ObjectKind.Event, options.Namespace, item => item.AsEvent(), Timeout.InfiniteTimeSpan), token),
                token => BeatAsync(streams.Heartbeat, token),
            ],
            cancellation);
    }

    private Informer<T> Informer<T>(ObjectKind kind, string? @namespace, Func<KubernetesObject, T> read, TimeSpan refreshInterval)
        where T : notnull =>
        new(cluster, kind, @namespace, read, refreshInterval, metrics, time, logger);

    /// <summary>The control stream brings the rules too; this only spares the first reports a correction.</summary>
    private async Task ApplyConfiguredRulesAsync(NodeReporter nodes, CancellationToken cancellation)
    {
        try
        {
            if (await connector.GetNodeRulesAsync(cancellation) is { } rules)
            {
                await nodes.SetRulesAsync(rules, cancellation);
            }
        }
        catch (Exception e) when (ServiceConnector.IsConnectionFailure(e, cancellation))
        {
            LogNoRules(logger, e.Message);
        }
    }

    private async Task BeatAsync(ListenerStream stream, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(BackendLimits.ListenerHeartbeatPeriod, time);
        do
        {
            await stream.EnqueueAsync(new BackendMessage.Heartbeat(time.GetUtcNow()), cancellation);
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    [LoggerMessage(1, LogLevel.Information, "Default node rules hold until the control stream is up; the configuration cannot be read: {Error}")]
    private static partial void LogNoRules(ILogger logger, string error);
}
