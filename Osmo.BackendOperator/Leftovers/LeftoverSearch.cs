using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Osmo.BackendOperator.Cluster;
using Osmo.BackendOperator.Connection;
using Osmo.BackendOperator.Kubernetes;
using Osmo.Protocol.Backend;

namespace Osmo.BackendOperator.Leftovers;

/// <summary>
/// Looks now and then for groups of which there are objects but no pod: no report of a pod would ever tell the control plane of them. Whether they have an
/// owner is the control plane's to know, and one that does not want to hear of them (upstream's) is left in peace.
/// </summary>
internal sealed partial class LeftoverSearch(
    BackendOperatorOptions options,
    ICluster cluster,
    GroupKinds kinds,
    ServiceConnector connector,
    ConnectionBoard connections,
    TimeProvider time,
    ILogger<LeftoverSearch> logger)
{
    /// <summary>Told at one time; what is beyond it is found once some of these are gone.</summary>
    internal const int GroupsMax = 20_000;

    private const string WorkflowLabel = "osmo.workflow_uuid";
    private const string GroupLabel = "osmo.group_uuid";

    /// <summary>The number of the last connection when the control plane did not want to hear of leftovers: another connection may lead to another control plane.</summary>
    private long? _unwantedAt;

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(options.LeftoverPeriod, time, cancellation);
            if (connections.Missing.IsEmpty && connections.Opened != _unwantedAt)
            {
                await SearchAsync(cancellation);
            }
        }
    }

    private async Task SearchAsync(CancellationToken cancellation)
    {
        var groups = new HashSet<LeftoverGroup>();
        foreach (var kind in kinds.All)
        {
            if (await VisitAsync(kind, group => groups.Count < GroupsMax && groups.Add(group), cancellation) is { Failure: not ApiFailure.KindNotServed } error)
            {
                LogNotListed(logger, kind, error.Message);
            }
        }

        // Pods come last: what is just being created has them by now.
        if (groups.Count > 0 && await VisitAsync(ObjectKind.Pod, groups.Remove, cancellation) is { } failure)
        {
            LogNotListed(logger, ObjectKind.Pod, failure.Message);
            return;
        }

        await TellAsync(groups, cancellation);
    }

    private async Task<ApiError?> VisitAsync(ObjectKind kind, Func<LeftoverGroup, bool> visit, CancellationToken cancellation)
    {
        await foreach (var page in cluster.ListMetadataAsync(kind, options.Namespace, GroupLabel, cancellation))
        {
            if (page is ApiResult<ImmutableArray<ObjectMeta>>.Failed { Error: var error })
            {
                return error;
            }

            foreach (var item in ((ApiResult<ImmutableArray<ObjectMeta>>.Ok)page).Value)
            {
                if (item.Labels.TryGetValue(WorkflowLabel, out var workflow)
                    && item.Labels.TryGetValue(GroupLabel, out var uuid)
                    && LeftoverGroup.Of(workflow, uuid) is { } group)
                {
                    visit(group);
                }
            }
        }

        return null;
    }

    private async Task TellAsync(IEnumerable<LeftoverGroup> groups, CancellationToken cancellation)
    {
        try
        {
            var connection = connections.Opened;
            foreach (var some in groups.Chunk(LeftoverReport.GroupsMax))
            {
                if (!await connector.PostLeftoversAsync(new LeftoverReport([.. some]), cancellation))
                {
                    _unwantedAt = connection;
                    LogUnwanted(logger);
                    return;
                }
            }
        }
        catch (Exception e) when (ServiceConnector.IsConnectionFailure(e, cancellation))
        {
            LogNotTold(logger, e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Objects of ended groups cannot be looked for among {Kind}: {Error}")]
    private static partial void LogNotListed(ILogger logger, ObjectKind kind, string error);

    [LoggerMessage(2, LogLevel.Information, "The control plane does not ask for objects of ended groups; what is left of them stays")]
    private static partial void LogUnwanted(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "The control plane could not be told of objects without a pod: {Error}")]
    private static partial void LogNotTold(ILogger logger, string error);
}
