using System.Collections.Immutable;
using Osmo.Gateway.Conventions;
using Osmo.Grains.Interfaces;
using Osmo.Protocol.Backend;
using Osmo.Storage.Queries;
using Osmo.Storage.State;
using Osmo.Workflows.Documents;

namespace Osmo.Gateway.Operators;

/// <summary>
/// Nodes come, change and go (contract: backend-protocol §8.5). When one goes, the workflows with tasks on it learn it first: then a
/// repetition still finds the node.
/// </summary>
internal sealed class NodeReports(IGrainFactory grains, IWorkflowQueries queries)
{
    /// <summary>Workflows told at the same time.</summary>
    private const int ParallelMax = 8;

    public async Task Apply(string backend, IReadOnlyList<ListenerMessage> run, CancellationToken cancellation)
    {
        var reports = ImmutableArray.CreateBuilder<NodeReport>(run.Count);
        foreach (var message in run)
        {
            reports.Add(await Report(backend, message, cancellation));
        }

        await Transient.Retry(() => grains.GetGrain<IBackendGrain>(backend).ReportNodes(reports.DrainToImmutable()), cancellation);
    }

    private async Task<NodeReport> Report(string backend, ListenerMessage message, CancellationToken cancellation)
    {
        switch (message.Message)
        {
            case BackendMessage.Resource resource:
                return new NodeReport.ResourceChanged(resource.Hostname, message.Body);
            case BackendMessage.ResourceUsage usage:
                return new NodeReport.UsageChanged(usage.Hostname, message.Body);
            case BackendMessage.DeleteResource removed:
                await TellWorkflows(backend, removed.ResourceName, cancellation);
                return new NodeReport.Removed(removed.ResourceName);
            case BackendMessage.NodeHash all:
                var known = await queries.Nodes([backend], cancellation: cancellation);
                foreach (var gone in known.Select(Hostname).Except(all.NodeHashes))
                {
                    await TellWorkflows(backend, gone, cancellation);
                }

                return new NodeReport.All(all.NodeHashes);
            default:
                throw new ArgumentException($"{message.Message.GetType().Name} is no node report.", nameof(message));
        }
    }

    private async Task TellWorkflows(string backend, string node, CancellationToken cancellation)
    {
        var tasks = await queries.TasksOnNode(backend, node, cancellation);
        await Parallel.ForEachAsync(
            tasks.Select(row => row.Key.Partition).Distinct(),
            new ParallelOptions { MaxDegreeOfParallelism = ParallelMax, CancellationToken = cancellation },
            async (workflow, stop) => await Transient.Retry(() => grains.GetGrain<IWorkflowGrain>(workflow).RemoveNode(node), stop));
    }

    private static string Hostname(Storage.State.Row row) => StoredDocument.Parse(row, DocumentJson.Default.NodeDocument).Hostname;
}
